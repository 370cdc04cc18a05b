-- Grain: one row per active OPD of $institution and fact that what's published of it decides: how many fulfil it, of how many.
-- Reads: mart.architecture_coverage, mart.application, mart.initiative.
-- Why:   what an OPD can do for a fact of the institution. Whether its applications run in a data centre or on the intranet isn't published by OPD.
WITH opd AS (
    SELECT DISTINCT opd_code FROM mart.architecture_coverage WHERE institution_code = $institution
),
application AS (
    SELECT opd_code, count(*) AS application_count, count(cycle_documents) AS documented_count, bool_or(coalesce(link_system, 'no') <> 'no') AS is_linked
    FROM mart.application
    WHERE institution_code = $institution
    GROUP BY ALL
)
SELECT opd_code, 'opd_on_link_system' AS fact_code, CAST(coalesce(is_linked, false) AS INTEGER) AS part_count, 1 AS whole_count
FROM opd
LEFT JOIN application USING (opd_code)
UNION ALL
SELECT opd_code, 'opd_with_security_control', CAST(listed_count > 0 AS INTEGER), 1
FROM mart.architecture_coverage
WHERE institution_code = $institution AND domain = 'RAK'
UNION ALL
SELECT opd_code, 'applications_with_cycle_documents', documented_count, application_count
FROM application
UNION ALL
SELECT opd_code, 'objects_with_national_code', sum(coded_count), sum(listed_count)
FROM mart.architecture_coverage
WHERE institution_code = $institution
GROUP BY opd_code
HAVING sum(listed_count) > 0
UNION ALL
SELECT opd_code, 'plans_consulted', count(*) FILTER (consulted), count(*)
FROM mart.initiative
WHERE institution_code = $institution AND status IS DISTINCT FROM 'cancelled'
GROUP BY opd_code
ORDER BY ALL;
