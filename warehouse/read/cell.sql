-- Grain: one row per worksheet content, data row and contract field whose cell holds something.
-- Reads: raw.cell, read.column (where each field stands).
-- Why:   a link behind a word ("lihat dokumen") is evidence too, so it's read with the word; an address behind the
--        title of a spreadsheet says which one is meant.
CREATE OR REPLACE TABLE read.cell AS
SELECT
    c.content_hash,
    c.row_no,
    k.field,
    k.reader,
    CASE WHEN k.reader = 'links' AND c.link <> '' OR k.reader = 'reference' AND contains(c.link, 'docs.google.com/') THEN 'text' ELSE c.kind END AS kind,
    CASE
        WHEN k.reader = 'links' AND c.link <> '' THEN c.text || ' ' || c.link
        WHEN k.reader = 'reference' AND contains(c.link, 'docs.google.com/') THEN c.link
        ELSE c.text
    END AS text,
    c.place
FROM raw.cell AS c
JOIN read.column AS k ON c.content_hash = k.content_hash AND c.col_no = k.col_no
WHERE c.row_no > k.last_header_row_no;
