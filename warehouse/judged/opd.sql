-- Grain: one row per register in force and data row of OPD; columns as in submission.sql.
-- Reads: read.opd, source, judged.heir.
CREATE OR REPLACE TABLE judged.opd AS
SELECT
    row_key(s.source_no, w.row_no) AS row_key,
    s.source_no,
    s.institution_code,
    w.content_no,
    w.row_no,
    false AS is_blank,
    w.opd_code AS opd_code_found,
    w.opd_name,
    w.spreadsheet,
    w.active,
    w.active_problem,
    w.successor AS successor_code,
    CASE WHEN w.opd_code IS NOT NULL
        THEN row_number() OVER (PARTITION BY s.institution_code, upper(w.opd_code) ORDER BY w.row_no) END AS occurrence,
    CASE WHEN w.spreadsheet IS NOT NULL THEN row_number() OVER (
        PARTITION BY s.institution_code, regexp_replace(lower(w.spreadsheet), '[.]xlsx$', '') ORDER BY w.row_no) END AS workbook_occurrence,
    CASE
        WHEN w.successor IS NULL THEN NULL
        WHEN NOT exists(FROM read.opd AS x WHERE x.content_no = w.content_no AND upper(x.opd_code) = upper(w.successor)) THEN 'unknown'
        WHEN occurrence > 1 THEN NULL
        WHEN coalesce(w.active, 'yes') = 'yes' THEN 'of_active'
        WHEN h.heir_code IS NULL THEN 'without_end'
    END AS successor_problem,
    h.heir_code,
    h.heir_distance
FROM read.opd AS w
JOIN source AS s ON w.content_no = s.content_no AND s.worksheet = 'OPD'
LEFT JOIN judged.heir AS h ON s.institution_code = h.institution_code AND w.opd_code = h.opd_code;
