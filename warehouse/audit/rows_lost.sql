-- Returns: a worksheet whose data rows aren't all judged, or a rejected row without a finding that names it.
-- Reads: held (data rows read of each content), source, judged.total, judged.rejected, judged.row, judged.finding.
SELECT s.institution_code, format('{} lembar {}: {} baris dibaca, {} dinilai', s.workbook, s.worksheet, h.row_count, coalesce(t.row_count, 0)) AS finding
FROM source AS s
JOIN held AS h USING (content_no, worksheet)
LEFT JOIN judged.total AS t USING (source_no)
WHERE s.worksheet <> 'Instansi' AND h.row_count <> coalesce(t.row_count, 0)
UNION ALL
SELECT r.institution_code, format('{} lembar {} baris {} ditolak tanpa alasan', r.workbook, r.worksheet, r.row_no) AS finding
FROM judged.row AS r
JOIN judged.rejected USING (suite, row_key)
LEFT JOIN judged.finding AS f ON f.institution_code = r.institution_code AND f.workbook = r.workbook AND f.worksheet = r.worksheet
    AND f.severity = 'critical' AND f.year IS NOT DISTINCT FROM r.year AND f.indicator_no IS NOT DISTINCT FROM r.indicator_no
WHERE f.institution_code IS NULL;
