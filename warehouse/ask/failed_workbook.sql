-- Grain: one row per OPD workbook that failed in this run, and why.
-- Reads: raw.fetch.
SELECT institution_code, opd_code, workbook, reason
FROM raw.fetch
WHERE run_no = getvariable('run_no') AND state <> 'good' AND opd_code <> ''
ORDER BY ALL;
