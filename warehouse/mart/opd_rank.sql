-- Grain: one row per institution, year and active OPD: what it carries and what its answers keep closed, and its place by each.
-- Reads: tonight_opd_snapshot, core.opd, figures.opd_blocker.
-- Why:   carried points are those of the indicators that it answers for; blocked ones what its own answers alone would free.
WITH together AS (
    SELECT institution_code, year, opd_code, sum(points_together) AS points_together, count(*) AS gate_count
    FROM figures.opd_blocker
    GROUP BY ALL
)
SELECT
    o.institution_code,
    o.year,
    o.opd_code,
    o.opd_name,
    o.carried_count,
    o.points_carried,
    rank() OVER (whole ORDER BY o.points_carried DESC) AS carried_rank,
    coalesce(t.gate_count, 0) AS gate_count,
    o.points_blocked,
    coalesce(t.points_together, 0) AS points_together,
    rank() OVER (whole ORDER BY o.points_blocked DESC, coalesce(t.points_together, 0) DESC) AS blocked_rank
FROM tonight_opd_snapshot AS o
JOIN core.opd AS a USING (institution_code, opd_code)
LEFT JOIN together AS t ON o.institution_code = t.institution_code AND o.year = t.year AND o.opd_code = t.opd_code
WHERE a.is_active
WINDOW whole AS (PARTITION BY o.institution_code, o.year);
