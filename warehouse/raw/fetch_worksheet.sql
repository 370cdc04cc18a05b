-- Grain: one row per workbook of this run and worksheet, added to raw.fetch_worksheet.
-- Reads: landed_fetch_worksheet, raw.fetch (this run), raw.fetch_worksheet (the runs that read what's unchanged).
INSERT INTO raw.fetch_worksheet BY NAME
SELECT getvariable('run_no') AS run_no, * FROM landed_fetch_worksheet
UNION ALL BY NAME
SELECT f.run_no, w.institution_code, w.opd_code, w.worksheet, w.title, w.content_hash
FROM raw.fetch AS f
JOIN raw.fetch_worksheet AS w
    ON f.read_run_no = w.run_no AND f.institution_code = w.institution_code AND f.opd_code = w.opd_code
WHERE f.run_no = getvariable('run_no') AND f.read_run_no < f.run_no;
