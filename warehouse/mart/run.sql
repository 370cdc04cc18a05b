-- Grain: one row per run of a night, whatever came of it.
-- Reads: history.run.
SELECT * EXCLUDE (run_no) FROM history.run;
