-- Grain: one row per workbook that couldn't be used on the institution's latest night.
-- Reads: mart.failed_workbook, mart.night.
-- Why:   the nights after its last good read are those on which old data stood in; a workbook that was never read
--        has all nights here, and the state of alerts knows since which of them it failed.
SELECT
    f.institution_code,
    coalesce(f.opd_code, '') AS opd_code,
    f.last_good_on,
    f.snapshot_on,
    list(n.snapshot_on ORDER BY n.snapshot_on) AS nights
FROM mart.failed_workbook AS f
JOIN mart.night AS n ON f.institution_code = n.institution_code
    AND n.snapshot_on > coalesce(f.last_good_on, DATE '0001-01-01')
GROUP BY ALL
ORDER BY f.institution_code, opd_code;
