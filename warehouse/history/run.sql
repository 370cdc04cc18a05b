-- Grain: one row: this run, added to history.run.
-- Reads: weighed_fetch, judged.total, variables set by the run.
-- Why:   a workbook is unchanged when every worksheet has the content of its last good read before.
INSERT INTO history.run BY NAME
WITH fetched AS (
    SELECT
        count(*) FILTER (state = 'good' AND is_read_anew) AS workbooks_read,
        count(*) FILTER (state = 'good' AND NOT is_read_anew) AS workbooks_unchanged,
        count(*) FILTER (state <> 'good') + getvariable('registers_unknown') AS workbooks_failed
    FROM weighed_fetch
),
counted AS (
    SELECT
        coalesce(sum(row_count), 0) AS rows_read,
        coalesce(sum(row_count - rejected_count - blank_count), 0) AS rows_accepted,
        coalesce(sum(rejected_count), 0) AS rows_rejected,
        coalesce(sum(blank_count), 0) AS rows_blank
    FROM judged.total
)
SELECT
    getvariable('run_no') AS run_no,
    getvariable('run_id') AS run_id,
    getvariable('snapshot_on') AS snapshot_on,
    getvariable('started_at') AS started_at,
    getvariable('finished_at') AS finished_at,
    getvariable('state') AS state,
    fetched.*,
    counted.*,
    getvariable('api_calls') AS api_calls,
    getvariable('code_version') AS code_version,
    getvariable('rule_version') AS rule_version
FROM fetched, counted;
