-- Grain: one row per year of one institution: the figure that stands for it, and its target.
-- Reads: mart.year_trend, mart.index_trend, mart.institution.
-- Why:   a year that only others published has no target in our nights.
WITH target AS (
    SELECT institution_code, year, any_value(target_index) AS target_index
    FROM mart.index_trend
    SEMI JOIN mart.institution USING (institution_code, snapshot_on)
    GROUP BY ALL
)
SELECT y.year, y.instrument_code, y.index_value, t.target_index, y.stage, y.source, y.is_comparable, y.break_reason
FROM mart.year_trend AS y
LEFT JOIN target AS t USING (institution_code, year)
WHERE y.institution_code = $institution AND ($only_year IS NULL OR y.year = $only_year)
ORDER BY y.year;
