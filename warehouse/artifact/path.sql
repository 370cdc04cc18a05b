-- Grain: one row per step of the cheapest path to the target.
-- Reads: mart.target_step.
SELECT institution_code, year, stage, step_no, indicator_no, from_score, to_score, points, cost, opd_code, index_after
FROM mart.target_step
ORDER BY institution_code, year DESC, step_no
LIMIT $most;
