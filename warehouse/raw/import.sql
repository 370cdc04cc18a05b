-- Grain: one row for an import, in force for the runs after those that are known now.
-- Reads: raw.import, history.run, history.visit.
INSERT INTO raw.import
SELECT
    (SELECT coalesce(max(import_no), 0) + 1 FROM raw.import) AS import_no,
    $1 AS imported_at,
    (SELECT coalesce(max(run_no), 0) FROM (SELECT run_no FROM history.run UNION ALL SELECT run_no FROM history.visit)) AS after_run_no,
    $2 AS content_hash,
    $3 AS file_name;
