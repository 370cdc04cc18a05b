-- Grain: one row per active OPD of $institution and architecture domain.
-- Reads: mart.architecture_coverage.
SELECT opd_code, opd_name, domain, listed_count, complete_count, coded_count, linked_count, complete_pct
FROM mart.architecture_coverage
WHERE institution_code = $institution
ORDER BY opd_code, domain;
