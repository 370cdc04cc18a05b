-- Grain: one row per finding in force tonight (see judged/finding.sql).
-- Reads: judged.finding.
SELECT
    institution_code, opd_code, workbook, worksheet, year, indicator_no, key_row_no, column_name, rule_code, found,
    row_no, cell, severity, message
FROM judged.finding;
