-- Grain: one row per institution.
-- Reads: mart.institution.
SELECT institution_code AS code FROM mart.institution ORDER BY code;
