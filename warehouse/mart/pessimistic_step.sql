-- Grain: one row per institution, year and step of the cheapest path that keeps the target's predicate in the pessimistic case; out of
--        reach, to the highest index.
-- Reads: core.path_step.
SELECT * EXCLUDE (plan) FROM core.path_step WHERE plan = 'pessimistic';
