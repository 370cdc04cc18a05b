-- Grain: one row per institution of tonight, as its register in force names it.
-- Reads: read.field, read.source (worksheet Instansi, its first row).
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
QUALIFY row_number() OVER (PARTITION BY s.institution_code ORDER BY f.row_no) = 1;
