-- Grain: one row per finding of $institution that stands on its latest night.
-- Reads: mart.rejected_row.
SELECT opd_code, workbook, worksheet, year, indicator_no, row_no, cell, column_name, found, rule_code, severity, message, first_seen_on
FROM mart.rejected_row
WHERE institution_code = $institution AND resolved_on IS NULL
ORDER BY severity, opd_code, worksheet, row_no, cell, rule_code;
