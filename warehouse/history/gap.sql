-- Grain: one row per institution and day between two nights on which no night was built, and the run whose data were in
--        force then. Parameters: first and last day.
-- Reads: history.night.
WITH bound AS (
    SELECT institution_code, min(snapshot_on) AS first_on, max(snapshot_on) AS last_on FROM history.night GROUP BY ALL
),
day AS (
    SELECT institution_code, CAST(unnest(generate_series(first_on, last_on, INTERVAL 1 DAY)) AS DATE) AS snapshot_on FROM bound
)
SELECT d.institution_code, d.snapshot_on, n.run_no
FROM day AS d
ASOF JOIN history.night AS n ON d.institution_code = n.institution_code AND d.snapshot_on >= n.snapshot_on
WHERE d.snapshot_on <> n.snapshot_on AND d.snapshot_on BETWEEN $1 AND $2
ORDER BY d.snapshot_on, d.institution_code;
