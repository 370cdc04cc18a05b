-- Grain: one row per institution: its latest night and what stands in for something unread.
-- Reads: mart.institution, mart.index_snapshot, mart.opd_snapshot.
SELECT
    i.institution_code,
    i.institution_name,
    i.timezone,
    i.snapshot_on,
    coalesce((
        SELECT bool_or(s.is_stale) FROM mart.index_snapshot AS s
        WHERE s.institution_code = i.institution_code AND s.snapshot_on = i.snapshot_on), false) AS is_stale,
    coalesce((
        SELECT list(DISTINCT o.opd_code ORDER BY o.opd_code) FROM mart.opd_snapshot AS o
        WHERE o.institution_code = i.institution_code AND o.snapshot_on = i.snapshot_on AND o.is_stale), []) AS stale_opd
FROM mart.institution AS i
WHERE $institution IS NULL OR i.institution_code = $institution
ORDER BY i.institution_code;
