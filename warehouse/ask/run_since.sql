-- Grain: one row per run that published and began when a night was due, or later; the latest first.
-- Reads: mart.run.
SELECT run_id FROM mart.run WHERE started_at >= $due AND state <> 'refused' ORDER BY started_at DESC;
