-- Grain: one row per step of $institution's cheapest path to its target, where that's of $year and $stage.
-- Reads: mart.target_step, mart.indicator_snapshot.
SELECT p.*, s.indicator_name
FROM mart.target_step AS p
JOIN mart.indicator_snapshot AS s USING (institution_code, year, stage, indicator_no)
WHERE p.institution_code = $institution AND p.year = $year AND p.stage = $stage
ORDER BY p.step_no;
