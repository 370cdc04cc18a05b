-- Grain: one row per finding about an OPD's workbook in force.
-- Reads: judged.finding, closed_year.
SELECT institution_code, opd_code, year, indicator_no, cell, severity, message
FROM judged.finding
WHERE opd_code IS NOT NULL AND (year IS NULL OR (institution_code, year) NOT IN (FROM closed_year))
ORDER BY institution_code, opd_code, year DESC NULLS LAST, row_no, severity, rule_code;
