-- Grain: one row per institution, workbook and contract worksheet in force tonight; opd_code is empty for the register.
-- Reads: raw.fetch, raw.fetch_worksheet, landed_member (who the register in force says has a workbook).
-- Why:   a workbook that failed tonight is stood in for by its last good content, and says so.
CREATE OR REPLACE TABLE read.source AS
WITH in_force AS (
    SELECT institution_code, opd_code, max(run_no) AS run_no
    FROM raw.fetch
    WHERE state = 'good' AND snapshot_on <= getvariable('snapshot_on')
    GROUP BY ALL
),
arrival AS (
    SELECT w.institution_code, w.opd_code, w.worksheet, w.content_hash, min(f.snapshot_on) AS arrived_on
    FROM raw.fetch_worksheet AS w
    JOIN raw.fetch AS f USING (run_no, institution_code, opd_code)
    GROUP BY ALL
),
nightly AS (
    SELECT f.institution_code, f.opd_code, w.worksheet, f.snapshot_on, arg_max(w.content_hash, run_no) AS content_hash
    FROM raw.fetch AS f
    JOIN raw.fetch_worksheet AS w USING (run_no, institution_code, opd_code)
    WHERE f.state = 'good'
    GROUP BY ALL
)
SELECT
    i.institution_code,
    i.opd_code,
    f.workbook,
    w.worksheet,
    w.content_hash,
    f.fetched_at,
    f.run_no <> getvariable('run_no') AS is_stale,
    a.arrived_on,
    (
        SELECT min(n.snapshot_on) FROM nightly AS n
        WHERE n.institution_code = i.institution_code AND n.opd_code = i.opd_code AND n.worksheet = w.worksheet
            AND n.snapshot_on > coalesce((
                SELECT max(o.snapshot_on) FROM nightly AS o
                WHERE o.institution_code = i.institution_code AND o.opd_code = i.opd_code AND o.worksheet = w.worksheet
                    AND o.content_hash <> w.content_hash), DATE '0001-01-01')
    ) AS unchanged_since
FROM landed_member AS i
JOIN in_force USING (institution_code, opd_code)
JOIN raw.fetch AS f USING (institution_code, opd_code, run_no)
JOIN raw.fetch_worksheet AS w USING (institution_code, opd_code, run_no)
JOIN arrival AS a USING (institution_code, opd_code, worksheet, content_hash)
WHERE w.worksheet <> '';
