-- Grain: one row per OPD and open year of the latest night in which it has anything to do.
-- Reads: tonight_opd_snapshot, open_year.
SELECT
    institution_code, opd_code, year, carried_count, answered_count, accepted_count, rejected_count, warning_count,
    points_blocked
FROM tonight_opd_snapshot
JOIN open_year USING (institution_code, year)
WHERE carried_count + accepted_count + rejected_count + warning_count + points_blocked > 0
ORDER BY institution_code, opd_code, year DESC;
