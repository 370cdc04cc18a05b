-- Grain: one row per institution with a target, and plan: where its cheapest path starts and ends.
-- Reads: core.path_case, core.path_step.
-- Why:   an aim is reached when the index, rounded as it's published, is the aim or more.
WITH walked AS (
    SELECT institution_code, plan, max(index_after) AS index_after, sum(cost) AS total_cost, count(*) AS step_count
    FROM core.path_step
    GROUP BY ALL
),
ended AS (
    SELECT c.*, exact(c.index_numerator, c.index_denominator) AS start_index, w.index_after AS walked_to, w.total_cost, w.step_count
    FROM core.path_case AS c
    LEFT JOIN walked AS w USING (institution_code, plan)
)
SELECT
    institution_code,
    plan,
    year,
    stage,
    target_index,
    reserve,
    aim,
    start_index,
    coalesce(walked_to, start_index) AS index_after,
    -- ten decimals don't lose a tie: weights are whole units of an instrument's total
    coalesce(walked_to, start_index) >= aim - CAST('0.005' AS DECIMAL(4, 3)) AS is_reachable,
    coalesce(total_cost, 0) AS total_cost,
    coalesce(step_count, 0) AS step_count
FROM ended;
