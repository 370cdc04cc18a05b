-- Grain: one row per institution and application that's listed: how a decision on a pair names it.
-- Reads: mart.application.
SELECT institution_code, opd_code, listed_by_opd_code, object_id, object_name
FROM mart.application
WHERE $institution IS NULL OR institution_code = $institution
ORDER BY institution_code, listed_by_opd_code, object_id;
