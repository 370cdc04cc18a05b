-- Grain: one row per finding about an OPD's workbook in force.
-- Reads: judged.finding.
SELECT institution_code, opd_code, year, indicator_no, cell, severity, message
FROM judged.finding
WHERE opd_code IS NOT NULL
ORDER BY institution_code, opd_code, year DESC NULLS LAST, row_no, severity, rule_code;
