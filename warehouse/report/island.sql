-- Grain: one row per active OPD of $institution that shares no data with any other.
-- Reads: mart.integration.
SELECT from_opd_code AS opd_code
FROM mart.integration
WHERE institution_code = $institution AND is_island
ORDER BY opd_code;
