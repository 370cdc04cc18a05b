-- Grain: one row per plan (target, pessimistic) and step of $institution's cheapest path.
-- Reads: mart.target_step, mart.pessimistic_step, mart.indicator_snapshot.
WITH step AS (
    SELECT 'target' AS plan, * FROM mart.target_step
    UNION ALL BY NAME
    SELECT 'pessimistic' AS plan, * FROM mart.pessimistic_step
)
SELECT p.*, s.indicator_name
FROM step AS p
JOIN mart.indicator_snapshot AS s USING (institution_code, year, stage, indicator_no)
WHERE p.institution_code = $institution
ORDER BY p.plan DESC, p.step_no;
