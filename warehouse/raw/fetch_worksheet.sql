-- Grain: one row per new row of raw.fetch and worksheet that came with it, added to raw.fetch_worksheet.
-- Reads: weighed_fetch, landed_worksheet, raw.content.
INSERT INTO raw.fetch_worksheet BY NAME
SELECT f.run_no, f.institution_code, f.opd_code, l.worksheet, c.content_no
FROM weighed_fetch AS f
JOIN landed_worksheet AS l USING (institution_code, opd_code)
JOIN raw.content AS c USING (content_hash)
WHERE f.is_new;
