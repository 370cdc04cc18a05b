-- Grain: as in mart.integration: one row per dataset and application of another OPD that uses it, then the islands.
-- Reads: mart.integration.
SELECT *
FROM mart.integration
WHERE ($institution IS NULL OR institution_code = $institution)
    AND ($opd IS NULL OR upper($opd) IN (upper(from_opd_code), upper(to_opd_code)))
ORDER BY institution_code, is_island, from_opd_code, to_opd_code, dataset_id, application_id;
