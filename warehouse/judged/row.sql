-- Grain: one row per judged data row in force that fails a rule, of every suite.
-- Reads: judged.failure, judged.submission, judged.verdict, judged.opd, judged.carrier, judged.target, judged.published, judged.object.
-- Why:   a row that can't be told by year and indicator is told by its number.
CREATE OR REPLACE TABLE judged.row AS
WITH failing AS (
    SELECT DISTINCT suite, row_key FROM judged.failure
)
SELECT r.*, s.institution_code, nullif(s.opd_code, '') AS opd_code, s.workbook, s.worksheet
FROM (
    SELECT 'submission' AS suite, row_key, source_no, content_no, row_no, year, indicator_no, instrument_code,
        year IS NULL OR indicator_no IS NULL AS is_keyed_by_row
    FROM judged.submission
    UNION ALL BY NAME
    SELECT 'verdict' AS suite, row_key, source_no, content_no, row_no, year, indicator_no, instrument_code,
        year IS NULL OR indicator_no IS NULL AS is_keyed_by_row
    FROM judged.verdict
    UNION ALL BY NAME
    SELECT 'opd' AS suite, row_key, source_no, content_no, row_no, true AS is_keyed_by_row FROM judged.opd
    UNION ALL BY NAME
    SELECT 'carrier' AS suite, row_key, source_no, content_no, row_no, indicator_no, instrument_code,
        indicator_no IS NULL OR instrument_code IS NULL AS is_keyed_by_row
    FROM judged.carrier
    UNION ALL BY NAME
    SELECT 'target' AS suite, row_key, source_no, content_no, row_no, year, instrument_code, year IS NULL AS is_keyed_by_row
    FROM judged.target
    UNION ALL BY NAME
    SELECT 'published' AS suite, row_key, source_no, content_no, row_no, year, true AS is_keyed_by_row FROM judged.published
    UNION ALL BY NAME
    SELECT 'inventory' AS suite, row_key, source_no, content_no, row_no, true AS is_keyed_by_row FROM judged.object
) AS r
JOIN failing USING (suite, row_key)
JOIN source AS s USING (source_no);
