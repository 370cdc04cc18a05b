-- Grain: one row per institution and night that was built; a night that's run again is built by its latest run.
-- Reads: tonight.
DELETE FROM history.night
WHERE snapshot_on = getvariable('snapshot_on') AND institution_code IN (SELECT institution_code FROM tonight);
INSERT INTO history.night BY NAME
SELECT institution_code, getvariable('snapshot_on') AS snapshot_on, run_no, getvariable('run_id') AS run_id FROM tonight;
