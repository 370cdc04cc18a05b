-- Grain: one row per institution and year with an accepted target.
-- Reads: core.target.
SELECT institution_code, year, target_index FROM core.target;
