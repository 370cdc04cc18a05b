-- Grain: one row per OPD whose workbook needn't be read again while it's at this version; none when a full read is due.
-- Reads: raw.fetch, history.visit. Parameters: institution code, night, nights from one full read to the next, version of
--        the reading.
-- Why:   sheets fed by forms or from other sheets change without a new version, so now and then all are read; and
--        what failed or was hollow last time is looked at again, whatever its version; as is what other code read.
WITH full_read AS (
    SELECT max(snapshot_on) AS latest_on
    FROM history.visit
    WHERE institution_code = $1 AND is_full AND reading_version = $4
),
latest AS (
    SELECT opd_code, workbook, version, state
    FROM raw.fetch
    WHERE institution_code = $1 AND opd_code <> ''
    QUALIFY run_no = max(run_no) OVER (PARTITION BY opd_code)
)
SELECT g.opd_code, g.workbook, g.version
FROM latest AS g
CROSS JOIN full_read AS f
WHERE g.state = 'good' AND g.version <> '' AND date_diff('day', f.latest_on, CAST($2 AS DATE)) < $3;
