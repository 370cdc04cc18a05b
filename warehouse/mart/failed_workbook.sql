-- Grain: one row per workbook that couldn't be used on the institution's latest night.
-- Reads: raw.fetch.
SELECT
    f.institution_code,
    nullif(f.opd_code, '') AS opd_code,
    f.workbook,
    f.snapshot_on,
    f.reason,
    max(g.snapshot_on) AS last_good_on
FROM raw.fetch AS f
JOIN tonight USING (institution_code)
LEFT JOIN raw.fetch AS g ON f.institution_code = g.institution_code AND f.opd_code = g.opd_code AND g.state = 'good'
WHERE f.run_no = getvariable('run_no') AND f.state <> 'good'
GROUP BY ALL;
