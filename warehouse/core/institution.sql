-- Grain: one row per institution of tonight, as its register in force names it.
-- Reads: read.instansi, source (the row with a code).
CREATE OR REPLACE TABLE core.institution AS
SELECT s.institution_code, f.institution_name, f.institution_kind, f.timezone
FROM source AS s
JOIN read.instansi AS f USING (content_no)
WHERE s.worksheet = 'Instansi' AND f.institution_code IS NOT NULL;
