-- Grain: as in mart.reference_code: one row per institution, reference and level 1-2 code in use.
-- Reads: mart.reference_code.
SELECT *
FROM mart.reference_code
WHERE ($institution IS NULL OR institution_code = $institution) AND (NOT $unknown OR NOT is_known)
ORDER BY institution_code, list_position(['RAB', 'RAL', 'RAD', 'RAA', 'RAI', 'RAK'], reference), code;
