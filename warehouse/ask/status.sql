-- Grain: one row per institution: its latest night and what stands in for something unread.
-- Reads: mart.institution, mart.index_snapshot, mart.failed_workbook.
SELECT
    i.institution_code,
    i.institution_name,
    i.timezone,
    i.snapshot_on,
    coalesce((
        SELECT bool_or(s.is_stale) FROM mart.index_snapshot AS s
        WHERE s.institution_code = i.institution_code AND s.snapshot_on = i.snapshot_on), false) AS is_stale,
    coalesce((
        SELECT list({'opd_code': f.opd_code, 'workbook': f.workbook, 'reason': f.reason} ORDER BY f.opd_code)
        FROM mart.failed_workbook AS f
        WHERE f.institution_code = i.institution_code), []) AS failed
FROM mart.institution AS i
WHERE $institution IS NULL OR i.institution_code = $institution
ORDER BY i.institution_code;
