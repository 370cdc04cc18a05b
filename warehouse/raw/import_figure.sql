-- Grain: one row per figure of the import that was put on record last.
-- Reads: raw.import, landed_import.
INSERT INTO raw.import_figure BY NAME
SELECT (SELECT max(import_no) FROM raw.import) AS import_no, * FROM landed_import;
