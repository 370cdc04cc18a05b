-- Grain: one row per workbook of an institution, as asked for.
SELECT 'country' AS source_key, institution_code, opd_code, workbook, TIMESTAMP '2026-11-24 20:00:00' AS fetched_at, '' AS reason,
    CAST(47 AS INTEGER) AS answered_count, content_hash AS judged_hash, '' AS version, false AS is_unchanged, '' AS statuses_hash,
    '' AS summary_hash
FROM (SELECT n, institution_code, opd_code, workbook, content_hash FROM opd
    UNION ALL SELECT DISTINCT n, institution_code, '', 'register', '' FROM opd)
WHERE n = $n
