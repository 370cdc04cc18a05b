-- Grain: one row per workbook that couldn't be used on the institution's latest night.
-- Reads: raw.fetch.
SELECT institution_code, nullif(opd_code, '') AS opd_code, workbook, snapshot_on, reason
FROM raw.fetch
JOIN tonight USING (institution_code)
WHERE run_no = getvariable('run_no') AND state <> 'good';
