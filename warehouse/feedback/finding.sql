-- Grain: one row per finding about the scores in an OPD's workbook in force.
-- Reads: judged.finding, closed_year, ref.object_kind.
SELECT institution_code, opd_code, year, indicator_no, cell, severity, message
FROM judged.finding
ANTI JOIN (SELECT DISTINCT worksheet FROM ref.object_kind) USING (worksheet)
WHERE opd_code IS NOT NULL AND (year IS NULL OR (institution_code, year) NOT IN (FROM closed_year))
ORDER BY institution_code, opd_code, year DESC NULLS LAST, row_no, severity, rule_code;
