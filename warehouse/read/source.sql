-- Grain: one row per institution, workbook and contract worksheet in force at the run that builds it; opd_code is empty for
--        the register. source_no numbers them.
-- Reads: tonight (institution and run), raw.fetch, raw.fetch_worksheet, raw.content.
-- Why:   a workbook that failed is stood in for by its last good content, and says so. A run that was given a later date by
--        mistake and refused doesn't move a day into the future.
CREATE OR REPLACE TEMP TABLE source AS
WITH known AS (
    SELECT f.* FROM raw.fetch AS f JOIN tonight AS t ON f.institution_code = t.institution_code AND f.run_no <= t.run_no
),
member AS (
    SELECT institution_code, opd_code, state <> 'good' AS is_stale
    FROM known
    QUALIFY run_no = max(run_no) OVER (PARTITION BY institution_code, opd_code) AND state <> 'left'
),
good AS (
    SELECT f.institution_code, f.opd_code, f.workbook, f.fetched_at, f.snapshot_on, f.run_no, w.worksheet, w.content_no
    FROM known AS f
    JOIN raw.fetch_worksheet AS w USING (run_no, institution_code, opd_code)
    WHERE f.state = 'good'
),
in_force AS (
    FROM good QUALIFY run_no = max(run_no) OVER (PARTITION BY institution_code, opd_code)
),
arrival AS (
    SELECT f.institution_code, f.opd_code, w.worksheet, w.content_no, min(f.snapshot_on) AS arrived_on
    FROM known AS f
    JOIN raw.fetch_worksheet AS w USING (run_no, institution_code, opd_code)
    GROUP BY ALL
),
nightly AS (
    SELECT institution_code, opd_code, worksheet, snapshot_on, arg_max(content_no, run_no) AS content_no
    FROM good
    GROUP BY ALL
),
other AS (
    SELECT n.institution_code, n.opd_code, n.worksheet, max(n.snapshot_on) AS latest_on
    FROM nightly AS n
    JOIN in_force AS i USING (institution_code, opd_code, worksheet)
    WHERE n.content_no <> i.content_no
    GROUP BY ALL
),
unchanged AS (
    SELECT n.institution_code, n.opd_code, n.worksheet, min(n.snapshot_on) AS unchanged_since
    FROM nightly AS n
    LEFT JOIN other AS o USING (institution_code, opd_code, worksheet)
    WHERE n.snapshot_on > coalesce(o.latest_on, DATE '0001-01-01')
    GROUP BY ALL
)
SELECT
    row_number() OVER (ORDER BY i.institution_code, i.opd_code, i.worksheet) AS source_no,
    i.institution_code,
    i.opd_code,
    i.workbook,
    i.worksheet,
    i.content_no,
    i.fetched_at,
    m.is_stale,
    least(a.arrived_on, getvariable('snapshot_on')) AS arrived_on,
    CASE WHEN u.unchanged_since IS NOT NULL THEN least(u.unchanged_since, getvariable('snapshot_on')) END AS unchanged_since
FROM in_force AS i
JOIN member AS m USING (institution_code, opd_code)
JOIN arrival AS a USING (institution_code, opd_code, worksheet, content_no)
LEFT JOIN unchanged AS u USING (institution_code, opd_code, worksheet)
WHERE i.worksheet <> '';
