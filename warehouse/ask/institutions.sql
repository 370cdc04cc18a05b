-- Grain: one row per published institution.
-- Reads: mart.institution.
SELECT institution_code, institution_name, timezone FROM mart.institution ORDER BY institution_code;
