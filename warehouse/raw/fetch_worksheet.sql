-- Grain: one row per workbook fetched in this run and worksheet, added to raw.fetch_worksheet.
-- Reads: landed_fetch_worksheet.
INSERT INTO raw.fetch_worksheet BY NAME
SELECT getvariable('run_no') AS run_no, * FROM landed_fetch_worksheet;
