-- Grain: one row: the latest year and stage of $institution whose parts can be set beside published averages; none without any.
-- Reads: mart.comparison.
SELECT year, any_value(own_stage) AS stage
FROM mart.comparison
WHERE institution_code = $institution AND part LIKE 'Aspek%' AND kind_average IS NOT NULL AND own_source = 'computed'
GROUP BY year
ORDER BY year DESC
LIMIT 1;
