-- Grain: one row per worksheet content not read yet and data row with a cell that holds something, of one contract worksheet.
-- Reads: new_content (where its rows are and where its header ends), the landed rows. Filled in: {worksheet}, {files}, {places}
--        (where each field stands) and {cells} (kind, text, place of each field, and its value where that's plain).
CREATE OR REPLACE TEMP TABLE new_cell AS
WITH place AS (
    SELECT n.content_no, n.content_hash, n.file, n.last_header_row_no, {places}
    FROM new_content AS n
    JOIN read.column AS c USING (content_no)
    WHERE n.worksheet = '{worksheet}'
    GROUP BY ALL
)
SELECT p.content_no, r.row_no, {cells}
FROM read_parquet({files}, filename = true) AS r
JOIN place AS p ON r.content_hash = p.content_hash AND r.row_no > p.last_header_row_no AND ends_with(r.filename, p.file || '.row.parquet');
