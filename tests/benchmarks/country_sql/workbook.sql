-- Grain: one row per workbook of an institution, as asked for, with the worksheets that came.
SELECT 'country' AS source_key, o.institution_code, o.opd_code, o.workbook, TIMESTAMP '2026-11-24 20:00:00' AS fetched_at, '' AS reason,
    CAST(47 AS INTEGER) AS answered_count, o.content_hash AS judged_hash, '' AS version, false AS is_unchanged, '' AS statuses_hash,
    '' AS summary_hash,
    list({'worksheet': s.worksheet, 'title': s.worksheet, 'content_hash': s.content_hash, 'last_header_row_no': CAST(1 AS INTEGER),
        'columns': s.columns, 'extra': CAST([] AS VARCHAR[]),
        'file': format('{}/{:05d}{}', $run_id, s.n, CASE WHEN s.opd_code = '' THEN 'r' ELSE '' END)}) AS worksheets
FROM (SELECT n, institution_code, opd_code, workbook, content_hash FROM opd
    UNION ALL SELECT DISTINCT n, institution_code, '', 'register', '' FROM opd) AS o
JOIN sheet AS s USING (n, institution_code, opd_code)
WHERE o.n = $n
GROUP BY ALL
