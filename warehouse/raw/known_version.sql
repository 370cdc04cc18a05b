-- Grain: one row per OPD whose workbook needn't be read again while it's at this version; none when a full read is due.
-- Reads: raw.fetch, history.run. Parameters: institution code, night, nights from one
--        full read to the next, version of this code.
-- Why:   sheets fed by forms or from other sheets change without a new version, so now and then all are read; and
--        what failed or was hollow last time is looked at again, whatever its version; as is what other code read.
WITH opd_fetch AS (
    SELECT run_no, snapshot_on, opd_code, state, workbook, version, coalesce(read_run_no, run_no) AS read_run_no
    FROM raw.fetch
    WHERE institution_code = $1 AND opd_code <> ''
),
full_read AS (
    SELECT max(snapshot_on) AS latest_on
    FROM (SELECT snapshot_on, run_no FROM opd_fetch GROUP BY ALL HAVING bool_and(read_run_no = run_no))
),
latest AS (
    SELECT opd_code, workbook, version, state, read_run_no
    FROM opd_fetch
    QUALIFY run_no = max(run_no) OVER (PARTITION BY opd_code)
)
SELECT g.opd_code, g.workbook, g.version
FROM latest AS g
JOIN history.run AS r ON g.read_run_no = r.run_no AND r.code_version = $4
CROSS JOIN full_read AS f
WHERE g.state = 'good' AND g.version <> '' AND date_diff('day', f.latest_on, CAST($2 AS DATE)) < $3;
