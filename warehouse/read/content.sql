-- Grain: one row per content that's read now, added to read.content. Parameters: contract worksheet, files.
-- Reads: new_content.
INSERT INTO read.content
SELECT content_no, coalesce(last_header_row_no, 0) AS last_header_row_no
FROM new_content
WHERE worksheet = $1 AND list_contains($2, file);
