-- Grain: one row per workbook that couldn't be used on the institution's latest night.
-- Reads: raw.fetch, tonight.
WITH latest AS (
    SELECT f.*, t.run_no AS known_run_no
    FROM raw.fetch AS f
    JOIN tonight AS t ON f.institution_code = t.institution_code AND f.run_no <= t.run_no
    QUALIFY f.run_no = max(f.run_no) OVER (PARTITION BY f.institution_code, f.opd_code)
)
SELECT
    institution_code,
    nullif(opd_code, '') AS opd_code,
    workbook,
    getvariable('snapshot_on') AS snapshot_on,
    reason,
    last_good_on(institution_code, opd_code, known_run_no) AS last_good_on
FROM latest
WHERE state IN ('failed', 'hollow');
