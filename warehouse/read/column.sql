-- Grain: one row per new content and field, with its column; added to read.column.
-- Reads: new_content.
INSERT INTO read.column
SELECT content_no, unnest(map_keys(columns)) AS field, unnest(map_values(columns)) AS col_no
FROM new_content
WHERE is_landed;
