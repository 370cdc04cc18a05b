-- Grain: one row per instrument and year that initiatives of $institution plan for.
-- Reads: mart.roadmap_index.
SELECT instrument_code, year, base_year, base_stage, base_index, index_exact, index_value, predicate, target_index, initiative_count, budget
FROM mart.roadmap_index
WHERE institution_code = $institution
ORDER BY instrument_code, year;
