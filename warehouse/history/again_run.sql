-- Grain: one row: a run that filled or restated nights, added to history.run; it read nothing.
-- Reads: history.run, history.visit, history.night, variables set by the run.
INSERT INTO history.run BY NAME
SELECT
    (SELECT max(run_no) + 1 FROM (SELECT run_no FROM history.run UNION ALL SELECT run_no FROM history.visit)) AS run_no,
    getvariable('run_id') AS run_id,
    (SELECT max(snapshot_on) FROM history.night) AS snapshot_on,
    getvariable('started_at') AS started_at,
    getvariable('finished_at') AS finished_at,
    getvariable('state') AS state,
    0 AS workbooks_read,
    0 AS workbooks_unchanged,
    0 AS workbooks_failed,
    0 AS rows_read,
    0 AS rows_accepted,
    0 AS rows_rejected,
    0 AS rows_blank,
    0 AS api_calls,
    getvariable('code_version') AS code_version,
    getvariable('rule_version') AS rule_version;
