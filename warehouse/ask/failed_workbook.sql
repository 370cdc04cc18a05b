-- Grain: one row per OPD workbook that failed in this run, why, and the night of the last good read that stands in.
-- Reads: weighed_fetch, raw.fetch.
SELECT institution_code, opd_code, workbook, reason, last_good_on(institution_code, opd_code, getvariable('run_no')) AS last_good_on
FROM weighed_fetch
WHERE state <> 'good' AND opd_code <> ''
ORDER BY ALL;
