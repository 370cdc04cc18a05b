-- Grain: one row per extra worksheet, or worksheet with extra columns, that came tonight for the first time; kept raw, read by nobody.
-- Reads: history.run (runs that ended), raw.fetch_worksheet, raw.fetch, raw.content, source, weighed_fetch.
-- Why:   reported once, on the first night, so that a renamed worksheet is noticed and noise doesn't pile up.
WITH seen_before AS (
    SELECT w.institution_code, w.opd_code, c.title, unnest(CASE WHEN c.extra = [] THEN [NULL] ELSE c.extra END) AS extra
    FROM raw.fetch_worksheet AS w
    JOIN raw.content AS c USING (content_no)
    JOIN raw.fetch AS f USING (run_no, institution_code, opd_code)
    WHERE w.run_no <> getvariable('run_no') AND f.state = 'good' AND w.run_no IN (SELECT run_no FROM history.run)
),
extra_column AS (
    SELECT s.institution_code, s.opd_code, s.workbook, s.worksheet, unnest(c.extra) AS extra, generate_subscripts(c.extra, 1) AS position
    FROM source AS s
    JOIN raw.content AS c USING (content_no)
    WHERE NOT s.is_stale
)
SELECT f.workbook || ': lembar "' || presentable(c.title) || '" tidak dikenal, disimpan apa adanya' AS note
FROM raw.fetch_worksheet AS w
JOIN weighed_fetch AS f USING (run_no, institution_code, opd_code)
JOIN raw.content AS c USING (content_no)
WHERE w.worksheet = '' AND f.state = 'good' AND NOT exists(
    FROM seen_before AS b
    WHERE b.institution_code = w.institution_code AND b.opd_code = w.opd_code AND b.title = c.title)
UNION
SELECT e.workbook || ', lembar ' || e.worksheet || ': kolom '
    || array_to_string(list('"' || presentable(regexp_replace(e.extra, ' [A-Z]+[0-9]+$', '')) || '" (' || regexp_extract(e.extra, '[A-Z]+[0-9]+$') || ')' ORDER BY e.position)[:5], ', ')
    || CASE WHEN count(*) > 5 THEN ' dan ' || count(*) - 5 || ' lainnya' ELSE '' END
    || ' tidak dikenal, disimpan apa adanya' AS note
FROM extra_column AS e
WHERE NOT exists(
    FROM seen_before AS b
    WHERE b.institution_code = e.institution_code AND b.opd_code = e.opd_code
        AND regexp_replace(b.extra, ' [A-Z]+[0-9]+$', '') = regexp_replace(e.extra, ' [A-Z]+[0-9]+$', ''))
GROUP BY e.workbook, e.worksheet
ORDER BY note;
