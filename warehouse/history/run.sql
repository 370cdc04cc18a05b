-- Grain: one row: this run, added to history.run.
-- Reads: raw.fetch, raw.fetch_worksheet, judged.outcome, variables set by the run.
-- Why:   a workbook is unchanged when every worksheet has the content of its last good read before.
INSERT INTO history.run BY NAME
WITH content AS (
    SELECT f.run_no, f.institution_code, f.opd_code, f.state, string_agg(w.content_hash, ',' ORDER BY w.content_hash) AS hashes
    FROM raw.fetch AS f
    LEFT JOIN raw.fetch_worksheet AS w USING (run_no, institution_code, opd_code)
    GROUP BY ALL
),
before AS (
    SELECT institution_code, opd_code, arg_max(hashes, run_no) AS hashes
    FROM content
    WHERE state = 'good' AND run_no < getvariable('run_no')
    GROUP BY ALL
),
fetched AS (
    SELECT
        count(*) FILTER (c.state = 'good' AND c.hashes IS DISTINCT FROM b.hashes) AS workbooks_read,
        count(*) FILTER (c.state = 'good' AND c.hashes IS NOT DISTINCT FROM b.hashes) AS workbooks_unchanged,
        count(*) FILTER (c.state <> 'good') + getvariable('registers_unknown') AS workbooks_failed
    FROM content AS c
    LEFT JOIN before AS b USING (institution_code, opd_code)
    WHERE c.run_no = getvariable('run_no')
),
counted AS (
    SELECT
        count(*) AS rows_read,
        count(*) FILTER (outcome = 'accepted') AS rows_accepted,
        count(*) FILTER (outcome = 'rejected') AS rows_rejected,
        count(*) FILTER (outcome = 'blank') AS rows_blank
    FROM judged.outcome
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
    getvariable('code_version') AS code_version
FROM fetched, counted;
