-- Grain: one row per extra worksheet, or worksheet with extra columns, that came tonight for the first time; kept raw, read by nobody.
-- Reads: raw.fetch_worksheet, raw.fetch, raw.cell, read.source, read.column.
-- Why:   reported once, on the first night, so that a renamed worksheet is noticed and noise doesn't pile up.
WITH seen_before AS (
    SELECT w.institution_code, w.opd_code, w.title, w.content_hash
    FROM raw.fetch_worksheet AS w
    WHERE w.run_no < getvariable('run_no')
),
header_row AS (
    SELECT content_hash, any_value(last_header_row_no) AS row_no, list(col_no) AS col_nos
    FROM read.column
    GROUP BY ALL
)
SELECT f.workbook || ': lembar "' || presentable(w.title) || '" tidak dikenal, disimpan apa adanya' AS note
FROM raw.fetch_worksheet AS w
JOIN raw.fetch AS f USING (run_no, institution_code, opd_code)
WHERE w.run_no = getvariable('run_no') AND w.worksheet = '' AND NOT exists(
    FROM seen_before AS b
    WHERE b.institution_code = w.institution_code AND b.opd_code = w.opd_code AND b.title = w.title)
UNION
SELECT s.workbook || ', lembar ' || s.worksheet || ': kolom '
    || array_to_string(list('"' || presentable(trim(c.text)) || '" (' || c.place || ')' ORDER BY c.col_no)[:5], ', ')
    || CASE WHEN count(*) > 5 THEN ' dan ' || count(*) - 5 || ' lainnya' ELSE '' END
    || ' tidak dikenal, disimpan apa adanya' AS note
FROM read.source AS s
JOIN header_row AS h USING (content_hash)
JOIN raw.cell AS c ON h.content_hash = c.content_hash AND h.row_no = c.row_no AND NOT list_contains(h.col_nos, c.col_no)
WHERE NOT s.is_stale AND trim(c.text) <> '' AND NOT exists(
    FROM seen_before AS b
    JOIN raw.cell AS x ON b.content_hash = x.content_hash
    WHERE b.institution_code = s.institution_code AND b.opd_code = s.opd_code AND x.text = c.text)
GROUP BY s.workbook, s.worksheet
ORDER BY note;
