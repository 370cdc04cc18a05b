-- Grain: one row per institution, year and step of the cheapest path to the target; out of reach, to the highest index.
-- Reads: core.path_step.
SELECT * EXCLUDE (plan) FROM core.path_step WHERE plan = 'target';
