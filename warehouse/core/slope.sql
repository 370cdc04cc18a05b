-- Grain: one row per institution, year and stage with a target and nights enough: how the index moves, in points a day.
-- Reads: core.night_index, ref.analysis_setting.
-- Why:   Theil and Sen: the median of the slopes between all pairs of nights, which one odd night can't bend; its 95 percent interval
--        after Sen (1968), with his correction for equal values.
CREATE OR REPLACE TABLE core.slope AS
WITH pair AS (
    SELECT institution_code, year, stage, list_sort(list(CAST(b.index_exact - a.index_exact AS DOUBLE) / (b.snapshot_on - a.snapshot_on))) AS slopes
    FROM core.night_index AS a
    JOIN core.night_index AS b USING (institution_code, year, stage)
    WHERE b.snapshot_on > a.snapshot_on
    GROUP BY ALL
),
tie AS (
    SELECT institution_code, year, stage, sum(n) AS nights, sum(n * (n - 1) * (2 * n + 5)) AS tied
    FROM (SELECT institution_code, year, stage, index_exact, count(*) AS n FROM core.night_index GROUP BY ALL)
    GROUP BY ALL
),
ranked AS (
    SELECT
        *,
        len(slopes) AS pairs,
        1.959963984540054 * sqrt((nights * (nights - 1) * (2 * nights + 5) - tied) / 18.0) AS reach
    FROM pair
    JOIN tie USING (institution_code, year, stage)
    WHERE nights >= setting('pace_nights')
)
SELECT
    institution_code,
    year,
    stage,
    CAST(nights AS INTEGER) AS night_count,
    list_median(slopes) AS slope,
    slopes[greatest(CAST(round((pairs - reach) / 2) AS BIGINT), 1)] AS slope_low,
    slopes[least(CAST(round((pairs + reach) / 2) AS BIGINT) + 1, pairs)] AS slope_high
FROM ranked;
