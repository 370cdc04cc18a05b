-- Grain: one row per OPD workbook that failed in this run, why, and the night of the last good read that stands in.
-- Reads: raw.fetch.
SELECT f.institution_code, f.opd_code, f.workbook, f.reason, max(g.snapshot_on) AS last_good_on
FROM raw.fetch AS f
LEFT JOIN raw.fetch AS g ON f.institution_code = g.institution_code AND f.opd_code = g.opd_code AND g.state = 'good'
WHERE f.run_no = getvariable('run_no') AND f.state <> 'good' AND f.opd_code <> ''
GROUP BY ALL
ORDER BY ALL;
