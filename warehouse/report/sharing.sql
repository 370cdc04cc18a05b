-- Grain: one row per pair of OPD of $institution, one of which uses data of the other.
-- Reads: mart.integration.
SELECT
    from_opd_code,
    to_opd_code,
    count(DISTINCT dataset_id) AS dataset_count,
    count(DISTINCT application_id) AS application_count,
    count(DISTINCT application_id) FILTER (is_through_link_system) AS link_system_count
FROM mart.integration
WHERE institution_code = $institution AND NOT is_island
GROUP BY ALL
ORDER BY dataset_count DESC, application_count DESC, from_opd_code, to_opd_code;
