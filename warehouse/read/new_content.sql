-- Grain: one row per worksheet content in force that hasn't been read yet. is_landed: its header was found when it landed.
-- Reads: source, raw.content, read.content, landed_worksheet (this run, if any).
CREATE OR REPLACE TEMP TABLE new_content AS
WITH unread AS (
    SELECT s.content_no, any_value(s.worksheet) AS worksheet, any_value(s.workbook) AS workbook,
        any_value(s.institution_code) AS institution_code
    FROM source AS s
    ANTI JOIN read.content AS r USING (content_no)
    GROUP BY ALL
),
header AS (
    SELECT content_hash, worksheet, any_value(last_header_row_no) AS last_header_row_no, any_value(columns) AS columns
    FROM landed_worksheet
    WHERE last_header_row_no IS NOT NULL
    GROUP BY ALL
)
SELECT u.*, c.content_hash, c.title, c.file, h.last_header_row_no, h.columns, h.content_hash IS NOT NULL AS is_landed
FROM unread AS u
JOIN raw.content AS c USING (content_no)
LEFT JOIN header AS h ON c.content_hash = h.content_hash AND u.worksheet = h.worksheet
WHERE u.worksheet IN (FROM read_worksheet);
