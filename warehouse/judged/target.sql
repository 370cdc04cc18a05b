-- Grain: one row per register in force and data row of Target; columns as in submission.sql.
-- Reads: read.target, source, ref.instrument.
CREATE OR REPLACE TABLE judged.target AS
WITH wide AS (
    SELECT
        content_no,
        row_no,
        CAST(year AS INTEGER) AS year,
        target_index IS NULL AND target_index_problem IS NULL AS is_blank,
        target_index
    FROM read.target
)
SELECT
    row_key(s.source_no, w.row_no) AS row_key,
    s.source_no,
    s.institution_code,
    w.*,
    i.instrument_code,
    CASE WHEN w.year IS NULL THEN NULL ELSE i.instrument_code IS NULL END AS year_without_instrument,
    CASE WHEN w.target_index IS NOT NULL AND i.instrument_code IS NOT NULL
        THEN CAST(w.target_index AS DECIMAL(18, 10)) NOT BETWEEN i.lowest_score AND i.highest_score END AS is_off_scale,
    CASE WHEN w.year IS NOT NULL
        THEN count(DISTINCT CAST(w.target_index AS DECIMAL(18, 10))) OVER (PARTITION BY s.institution_code, w.year)
    END AS duplicate_targets,
    length(rtrim(split_part(w.target_index, '.', 2), '0')) AS target_decimals
FROM wide AS w
JOIN source AS s ON w.content_no = s.content_no AND s.worksheet = 'Target'
LEFT JOIN ref.instrument AS i ON w.year BETWEEN i.first_year AND i.last_year;
