-- Grain: one row per institution of tonight, as its register in force names it.
-- Reads: read.field, read.source (worksheet Instansi, the row with a code).
CREATE OR REPLACE TABLE core.institution AS
SELECT
    s.institution_code,
    value_of(field, value, 'institution_name') AS institution_name,
    value_of(field, value, 'institution_kind') AS institution_kind,
    value_of(field, value, 'timezone') AS timezone
FROM read.source AS s
JOIN read.field AS f USING (content_hash)
WHERE s.worksheet = 'Instansi'
GROUP BY s.institution_code, f.row_no
HAVING value_of(field, value, 'institution_code') IS NOT NULL;
