-- Grain: one row per year, indicator and OPD that keeps its gate closed in $institution.
-- Reads: mart.opd_blocker, mart.indicator_snapshot (stage proposed).
SELECT b.year, b.opd_code, b.indicator_no, s.indicator_name, b.gate_level, b.opd_score, b.reason, b.points_blocked, b.points_together
FROM mart.opd_blocker AS b
JOIN mart.indicator_snapshot AS s ON b.institution_code = s.institution_code AND b.year = s.year AND b.indicator_no = s.indicator_no
    AND s.stage = 'proposed'
WHERE b.institution_code = $institution
ORDER BY b.year DESC, b.points_together DESC, TRY_CAST(split_part(b.indicator_no, '-', 1) AS INTEGER), b.indicator_no, b.opd_code;
