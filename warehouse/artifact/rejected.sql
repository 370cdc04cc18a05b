-- Grain: one row per finding in force, rejected rows first.
-- Reads: mart.rejected_row.
SELECT institution_code, opd_code, cell, severity, message, worksheet, workbook, rule_code
FROM mart.rejected_row
WHERE resolved_on IS NULL
ORDER BY severity, institution_code, opd_code, worksheet, row_no, cell
LIMIT $most;
