-- Grain: one row per indicator that moved in its institution's latest night, the largest first.
-- Reads: mart.index_change, mart.institution.
SELECT c.institution_code, c.year, c.stage, c.indicator_no, c.score_before, c.score_after, c.points, c.cause, c.opd_code
FROM mart.index_change AS c
JOIN mart.institution AS i USING (institution_code, snapshot_on)
ORDER BY abs(c.points) DESC, c.institution_code, c.year, c.stage, c.indicator_no
LIMIT $most;
