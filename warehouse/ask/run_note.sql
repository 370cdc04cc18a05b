-- Grain: one row per extra worksheet that came tonight for the first time; kept raw, read by nobody.
-- Reads: raw.fetch_worksheet, raw.fetch.
-- Why:   reported once, on the first night, so that a renamed worksheet is noticed and noise doesn't pile up.
SELECT f.workbook || ': lembar "' || w.title || '" tidak dikenal, disimpan apa adanya' AS note
FROM raw.fetch_worksheet AS w
JOIN raw.fetch AS f USING (run_no, institution_code, opd_code)
WHERE w.run_no = getvariable('run_no') AND w.worksheet = '' AND NOT exists(
    FROM raw.fetch_worksheet AS b
    WHERE b.run_no < w.run_no AND b.institution_code = w.institution_code AND b.opd_code = w.opd_code AND b.title = w.title)
ORDER BY ALL;
