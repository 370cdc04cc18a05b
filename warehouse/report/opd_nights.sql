-- Grain: one row per OPD and night of $institution, $year on which something of it changed, and its latest night.
-- Reads: mart.opd_snapshot.
SELECT opd_code, snapshot_on, answered_count, accepted_count, rejected_count, points_carried, points_blocked
FROM mart.opd_snapshot
WHERE institution_code = $institution AND year = $year
WINDOW opd AS (PARTITION BY opd_code ORDER BY snapshot_on)
QUALIFY (answered_count, accepted_count, rejected_count, points_carried, points_blocked) IS DISTINCT FROM
    lag((answered_count, accepted_count, rejected_count, points_carried, points_blocked)) OVER opd OR lead(snapshot_on) OVER opd IS NULL
ORDER BY opd_code, snapshot_on;
