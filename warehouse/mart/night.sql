-- Grain: one row per institution and night that was built.
-- Reads: history.night.
SELECT institution_code, snapshot_on, run_id FROM history.night;
