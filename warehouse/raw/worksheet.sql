-- Grain: one row per worksheet content that raw doesn't hold yet, added to raw.worksheet.
-- Reads: landed_content.
INSERT INTO raw.worksheet BY NAME FROM landed_content;
