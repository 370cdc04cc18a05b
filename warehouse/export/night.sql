-- Grain: one row per night of one institution, year and stage.
-- Reads: mart.index_trend.
SELECT snapshot_on, index_value, target_index
FROM mart.index_trend
WHERE institution_code = $institution AND year = $year AND stage = $stage
ORDER BY snapshot_on;
