-- Grain: one row per register in force and data row of Target; columns as in submission.sql.
-- Reads: read.field, read.source, ref.instrument.
CREATE OR REPLACE TABLE judged.target AS
WITH wide AS (
    SELECT
        content_hash,
        row_no,
        CAST(value_of(field, value, 'year') AS INTEGER) AS year,
        NOT holds(field, 'target_index') AS is_blank,
        value_of(field, value, 'target_index') AS target_index
    FROM read.field
    GROUP BY ALL
)
SELECT
    row_number() OVER (ORDER BY s.institution_code, w.row_no) AS row_key,
    s.institution_code,
    s.workbook,
    s.worksheet,
    CAST(NULL AS VARCHAR) AS indicator_no,
    w.*,
    CASE WHEN w.year IS NULL THEN NULL ELSE i.instrument_code IS NULL END AS year_without_instrument,
    CASE WHEN w.target_index IS NOT NULL AND i.instrument_code IS NOT NULL
        THEN CAST(w.target_index AS DECIMAL(18, 10)) NOT BETWEEN i.lowest_score AND i.highest_score END AS is_off_scale,
    CASE WHEN w.year IS NOT NULL
        THEN count(DISTINCT CAST(w.target_index AS DECIMAL(18, 10))) OVER (PARTITION BY s.institution_code, w.year)
    END AS duplicate_targets,
    length(rtrim(split_part(w.target_index, '.', 2), '0')) AS target_decimals
FROM wide AS w
JOIN read.source AS s ON w.content_hash = s.content_hash AND s.worksheet = 'Target'
LEFT JOIN ref.instrument AS i ON w.year BETWEEN i.first_year AND i.last_year;
