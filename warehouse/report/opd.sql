-- Grain: one row per year and OPD of $institution on its latest night.
-- Reads: mart.opd_snapshot, mart.institution, mart.opd_rank, mart.failed_workbook.
SELECT o.year, o.opd_code, o.opd_name, o.carried_count, o.answered_count, o.accepted_count, o.rejected_count, o.warning_count, o.completeness_pct,
    o.points_carried, o.points_blocked, o.last_changed_on, o.is_stale, r.carried_rank, r.gate_count, r.points_together, r.blocked_rank,
    f.reason AS failure, f.last_good_on
FROM mart.opd_snapshot AS o
SEMI JOIN mart.institution AS i USING (institution_code, snapshot_on)
LEFT JOIN mart.opd_rank AS r USING (institution_code, year, opd_code)
LEFT JOIN mart.failed_workbook AS f USING (institution_code, opd_code)
WHERE o.institution_code = $institution
ORDER BY o.year DESC, o.carried_count DESC, o.opd_code;
