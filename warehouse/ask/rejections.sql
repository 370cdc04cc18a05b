-- Grain: one row per finding in force (or ever, if asked), as in mart.rejected_row.
-- Reads: mart.rejected_row.
SELECT *
FROM mart.rejected_row
WHERE ($institution IS NULL OR institution_code = $institution)
    AND ($opd IS NULL OR upper(opd_code) = upper($opd))
    AND ($worksheets IS NULL OR list_contains($worksheets, worksheet))
    AND ($resolved OR resolved_on IS NULL)
ORDER BY institution_code, opd_code NULLS FIRST, severity, worksheet, row_no, rule_code;
