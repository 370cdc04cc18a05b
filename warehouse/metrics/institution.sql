-- Grain: one row per institution: its latest night and how many workbooks couldn't be used then.
-- Reads: mart.institution, mart.failed_workbook.
SELECT
    i.institution_code,
    i.snapshot_on,
    i.timezone,
    count(f.workbook) AS stale_count
FROM mart.institution AS i
LEFT JOIN mart.failed_workbook AS f USING (institution_code)
GROUP BY ALL
ORDER BY i.institution_code;
