-- Grain: one row per register in force and data row of OPD; columns as in submission.sql.
-- Reads: read.field, read.source.
CREATE OR REPLACE TABLE judged.opd AS
WITH wide AS (
    SELECT
        content_hash,
        row_no,
        value_of(field, value, 'opd_code') AS opd_code_found,
        value_of(field, value, 'opd_name') AS opd_name,
        value_of(field, value, 'spreadsheet') AS spreadsheet,
        value_of(field, value, 'active') AS active,
        value_of(field, problem, 'active') AS active_problem,
        value_of(field, value, 'successor') AS successor_code
    FROM read.field
    GROUP BY ALL
)
SELECT
    row_number() OVER (ORDER BY s.institution_code, w.row_no) AS row_key,
    s.institution_code,
    s.workbook,
    s.worksheet,
    CAST(NULL AS INTEGER) AS year,
    CAST(NULL AS VARCHAR) AS indicator_no,
    false AS is_blank,
    w.*,
    CASE WHEN w.opd_code_found IS NOT NULL
        THEN row_number() OVER (PARTITION BY s.institution_code, upper(w.opd_code_found) ORDER BY w.row_no) END AS occurrence,
    CASE WHEN w.spreadsheet IS NOT NULL THEN row_number() OVER (
        PARTITION BY s.institution_code, regexp_replace(lower(w.spreadsheet), '[.]xlsx$', '') ORDER BY w.row_no) END AS workbook_occurrence,
    w.successor_code IS NOT NULL AND NOT exists(
        FROM wide AS x WHERE x.content_hash = w.content_hash AND upper(x.opd_code_found) = upper(w.successor_code)
    ) AS successor_is_unknown
FROM wide AS w
JOIN read.source AS s ON w.content_hash = s.content_hash AND s.worksheet = 'OPD';
