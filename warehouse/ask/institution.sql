-- Grain: one row per institution: its name and latest night.
-- Reads: mart.institution.
SELECT institution_code, institution_name, snapshot_on
FROM mart.institution
WHERE $institution IS NULL OR institution_code = $institution
ORDER BY institution_code;
