-- Grain: one row per institution, year and OPD that keeps a practice gate closed, most points first.
-- Reads: mart.opd_blocker, mart.opd_rank.
SELECT
    b.institution_code,
    b.year,
    b.opd_code,
    any_value(o.opd_name) AS opd_name,
    any_value(o.points_carried) AS points_carried,
    any_value(o.carried_rank) AS carried_rank,
    any_value(o.blocked_rank) AS blocked_rank,
    sum(b.points_blocked) AS points_blocked,
    sum(b.points_together) AS points_together,
    list({'indicator_no': b.indicator_no, 'gate_level': b.gate_level, 'opd_score': b.opd_score, 'reason': b.reason,
        'points_blocked': b.points_blocked, 'points_together': b.points_together}
        ORDER BY b.points_together DESC, b.indicator_no) AS indicators
FROM mart.opd_blocker AS b
LEFT JOIN mart.opd_rank AS o USING (institution_code, year, opd_code)
WHERE ($institution IS NULL OR b.institution_code = $institution) AND ($year IS NULL OR b.year = $year)
GROUP BY ALL
ORDER BY b.institution_code, b.year DESC, points_blocked DESC, points_together DESC, b.opd_code;
