-- Grain: one row per workbook that was asked for in this run and worksheet that came with it.
-- Reads: landed_workbook.
CREATE TEMP VIEW IF NOT EXISTS landed_worksheet AS
SELECT institution_code, opd_code, unnest(worksheets, max_depth := 2)
FROM landed_workbook;
