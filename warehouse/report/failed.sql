-- Grain: one row per workbook of $institution that couldn't be used on its latest night.
-- Reads: mart.failed_workbook.
SELECT opd_code, workbook, reason, last_good_on
FROM mart.failed_workbook
WHERE institution_code = $institution
ORDER BY opd_code;
