-- Grain: one row per judged data row in force tonight, of every suite.
-- Reads: judged.submission, judged.verdict, judged.opd, judged.carrier, judged.target, judged.published.
CREATE OR REPLACE TABLE judged.row AS
SELECT 'submission' AS suite, row_key, institution_code, opd_code, workbook, worksheet, content_hash, row_no, year,
    coalesce(indicator_no, '') AS indicator_no, year IS NULL OR indicator_no IS NULL AS is_keyed_by_row, is_blank,
    instrument_code
FROM judged.submission
UNION ALL BY NAME
SELECT 'verdict' AS suite, row_key, institution_code, CAST(NULL AS VARCHAR) AS opd_code, workbook, worksheet, content_hash, row_no, year,
    coalesce(indicator_no, '') AS indicator_no, year IS NULL OR indicator_no IS NULL AS is_keyed_by_row, is_blank,
    instrument_code
FROM judged.verdict
UNION ALL BY NAME
SELECT 'opd' AS suite, row_key, institution_code, CAST(NULL AS VARCHAR) AS opd_code, workbook, worksheet, content_hash, row_no, year,
    '' AS indicator_no, true AS is_keyed_by_row, is_blank, CAST(NULL AS VARCHAR) AS instrument_code
FROM judged.opd
UNION ALL BY NAME
SELECT 'carrier' AS suite, row_key, institution_code, CAST(NULL AS VARCHAR) AS opd_code, workbook, worksheet, content_hash, row_no, year,
    coalesce(indicator_no, '') AS indicator_no, indicator_no IS NULL OR instrument_code IS NULL AS is_keyed_by_row, is_blank,
    instrument_code
FROM judged.carrier
UNION ALL BY NAME
SELECT 'target' AS suite, row_key, institution_code, CAST(NULL AS VARCHAR) AS opd_code, workbook, worksheet, content_hash, row_no, year,
    '' AS indicator_no, year IS NULL AS is_keyed_by_row, is_blank,
    (SELECT any_value(i.instrument_code) FROM ref.instrument AS i WHERE t.year BETWEEN i.first_year AND i.last_year) AS instrument_code
FROM judged.target AS t
UNION ALL BY NAME
SELECT 'published' AS suite, row_key, institution_code, CAST(NULL AS VARCHAR) AS opd_code, workbook, worksheet, content_hash, row_no, year,
    '' AS indicator_no, true AS is_keyed_by_row, is_blank, CAST(NULL AS VARCHAR) AS instrument_code
FROM judged.published;
