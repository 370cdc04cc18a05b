-- Grain: one row per institution, year and stage whose index is lower on the latest night than on the one before it.
-- Reads: mart.institution, mart.index_trend, mart.index_change.
WITH caused AS (
    SELECT institution_code, year, stage, snapshot_on, cause, sum(points) AS points
    FROM mart.index_change
    GROUP BY ALL
),
biggest AS (
    SELECT institution_code, year, stage, snapshot_on, arg_min(cause, points) AS cause
    FROM caused
    WHERE points < 0
    GROUP BY ALL
)
SELECT
    t.institution_code,
    t.year,
    t.stage,
    t.snapshot_on,
    t.index_value - t.change_1d AS value_before,
    t.index_value AS value_after,
    b.cause
FROM mart.index_trend AS t
SEMI JOIN mart.institution AS i USING (institution_code, snapshot_on)
LEFT JOIN biggest AS b USING (institution_code, year, stage, snapshot_on)
WHERE t.change_1d < 0
ORDER BY t.institution_code, t.year DESC, t.stage;
