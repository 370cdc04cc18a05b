-- Grain: one row per domain and aspect of $institution, $year, $stage on its latest night, with the averages published for that year.
-- Reads: mart.domain_snapshot, mart.aspect_snapshot, mart.institution, mart.comparison.
WITH part AS (
    SELECT institution_code, snapshot_on, year, stage, 'domain' AS level, domain_no, 0 AS aspect_no, 'Domain ' || domain_no AS part, domain_name AS name,
        weight_pct, value_exact, domain_value AS part_value
    FROM mart.domain_snapshot
    UNION ALL BY NAME
    SELECT institution_code, snapshot_on, year, stage, 'aspect' AS level, domain_no, aspect_no, 'Aspek ' || aspect_no AS part, aspect_name AS name,
        weight_pct, value_exact, aspect_value AS part_value
    FROM mart.aspect_snapshot
)
SELECT p.year, p.stage, p.level, p.part, p.name, p.weight_pct, p.value_exact, p.part_value, c.kind_average, c.national_average
FROM part AS p
SEMI JOIN mart.institution AS i USING (institution_code, snapshot_on)
LEFT JOIN mart.comparison AS c USING (institution_code, year, part)
WHERE p.institution_code = $institution AND p.year = $year AND p.stage = $stage
ORDER BY p.domain_no, p.aspect_no;
