-- Grain: one row per year of $institution.
-- Reads: mart.year_trend, mart.index_trend (the year's target).
SELECT y.year, y.instrument_code, y.stage, y.index_value, y.predicate, y.change, y.is_comparable, y.break_reason, y.source, t.target_index
FROM mart.year_trend AS y
LEFT JOIN (SELECT institution_code, year, max(target_index) AS target_index FROM mart.index_trend GROUP BY ALL) AS t USING (institution_code, year)
WHERE y.institution_code = $institution
ORDER BY y.year;
