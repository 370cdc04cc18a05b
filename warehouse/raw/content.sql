-- Grain: one row per worksheet content that raw doesn't hold yet, added to raw.content.
-- Reads: landed_worksheet.
INSERT INTO raw.content BY NAME
SELECT
    (SELECT coalesce(max(content_no), 0) FROM raw.content) + row_number() OVER (ORDER BY min(l.file), l.content_hash) AS content_no,
    l.content_hash,
    any_value(l.title) AS title,
    min(l.file) AS file,
    any_value(l.extra) AS extra
FROM landed_worksheet AS l
ANTI JOIN raw.content AS c USING (content_hash)
GROUP BY l.content_hash;
