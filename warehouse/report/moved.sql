-- Grain: one row per night of the last seven and indicator of $institution, $year, $stage that moved, with its cause.
-- Reads: mart.index_change, mart.institution, mart.indicator_snapshot.
SELECT c.snapshot_on, c.indicator_no, s.indicator_name, c.score_before, c.score_after, c.points, c.cause, c.opd_code
FROM mart.index_change AS c
JOIN mart.institution AS i USING (institution_code)
LEFT JOIN mart.indicator_snapshot AS s USING (institution_code, year, stage, indicator_no)
WHERE c.institution_code = $institution AND c.year = $year AND c.stage = $stage AND c.snapshot_on > i.snapshot_on - 7
ORDER BY c.snapshot_on DESC, abs(c.points) DESC, c.indicator_no;
