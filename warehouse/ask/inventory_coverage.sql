-- Grain: as in mart.architecture_coverage: one row per institution, active OPD and architecture domain.
-- Reads: mart.architecture_coverage.
SELECT *
FROM mart.architecture_coverage
WHERE ($institution IS NULL OR institution_code = $institution) AND ($opd IS NULL OR upper(opd_code) = upper($opd))
ORDER BY institution_code, opd_code, list_position(['RAB', 'RAL', 'RAD', 'RAA', 'RAI', 'RAK'], domain);
