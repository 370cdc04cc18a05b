-- Returns: a worksheet whose data rows aren't all judged, or a rejected row without a finding that names it.
WITH held AS (
    SELECT s.institution_code, s.opd_code, s.workbook, s.worksheet, count(DISTINCT f.row_no) AS row_count
    FROM read.source AS s
    JOIN read.field AS f USING (content_hash)
    WHERE s.worksheet <> 'Instansi'
    GROUP BY ALL
),
judged_rows AS (
    SELECT r.institution_code, coalesce(r.opd_code, '') AS opd_code, r.workbook, r.worksheet, count(*) AS row_count
    FROM judged.row AS r
    JOIN judged.outcome AS o USING (suite, row_key)
    GROUP BY ALL
)
SELECT institution_code, format('{} lembar {}: {} baris dibaca, {} dinilai', workbook, worksheet, h.row_count, coalesce(j.row_count, 0)) AS finding
FROM held AS h
LEFT JOIN judged_rows AS j USING (institution_code, opd_code, workbook, worksheet)
WHERE h.row_count <> coalesce(j.row_count, 0)
UNION ALL
SELECT r.institution_code, format('{} lembar {} baris {} ditolak tanpa alasan', r.workbook, r.worksheet, r.row_no) AS finding
FROM judged.row AS r
JOIN judged.outcome AS o USING (suite, row_key)
WHERE o.outcome = 'rejected' AND NOT exists(
    FROM judged.finding AS f
    WHERE f.institution_code = r.institution_code AND f.workbook = r.workbook AND f.worksheet = r.worksheet
        AND f.severity = 'critical' AND f.year IS NOT DISTINCT FROM r.year
        AND f.indicator_no IS NOT DISTINCT FROM nullif(r.indicator_no, ''));
