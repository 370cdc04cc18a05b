-- Grain: one row per worksheet content, data row and contract field that isn't blank.
-- Reads: read.cell, read.spelling, read.score_context, read.score_spelling.
CREATE OR REPLACE TABLE read.field AS
SELECT c.content_hash, c.row_no, c.field, c.kind, c.text, c.place, s.value, s.problem
FROM read.cell AS c
JOIN read.spelling AS s USING (reader, kind, text)
WHERE s.problem <> 'blank'
UNION ALL BY NAME
SELECT c.content_hash, c.row_no, 'score' AS field, c.kind, c.text, p.place, s.value, s.problem
FROM read.score_context AS c
JOIN read.cell AS p ON c.content_hash = p.content_hash AND c.row_no = p.row_no AND p.reader = 'score'
JOIN read.score_spelling AS s
    ON c.kind = s.kind AND c.text = s.text
    AND c.instrument_code IS NOT DISTINCT FROM s.instrument_code
    AND c.indicator_kind IS NOT DISTINCT FROM s.indicator_kind
WHERE s.problem <> 'blank';
