-- Grain: one row per institution with applications: a hash of all that its overlaps depend on.
-- Reads: figures.application, core.opd, core.institution.
-- Why:   sums of hashes don't depend on the order of rows, and need no sort.
CREATE OR REPLACE TABLE core.overlap_case AS
WITH listed AS (
    SELECT institution_code, md5(CAST(ROW(listed_by_opd_code, object_id, opd_code, object_name, description, function, url) AS VARCHAR)) AS row_hash
    FROM figures.application
    UNION ALL
    SELECT institution_code, md5(CAST(ROW(opd_code, opd_name) AS VARCHAR)) FROM core.opd
    UNION ALL
    SELECT institution_code, md5(institution_name) FROM core.institution
)
SELECT institution_code, md5(CAST(ROW(count(*), sum(md5_number_lower(row_hash)), sum(md5_number_upper(row_hash))) AS VARCHAR)) AS case_hash
FROM listed
SEMI JOIN figures.application USING (institution_code)
GROUP BY institution_code;
