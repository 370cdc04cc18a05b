-- Grain: one row per worksheet content and data row with a score cell.
-- Reads: read.cell, read.spelling, ref.instrument, ref.indicator.
-- Why:   what a score may be depends on the row's year (instrument) and indicator (kind of level names);
--        NULL where those can't be told.
CREATE OR REPLACE TABLE read.score_context AS
WITH keys AS (
    SELECT
        c.content_hash,
        c.row_no,
        CAST(max(s.value) FILTER (c.field = 'year' AND s.value <> '') AS INTEGER) AS year,
        max(s.value) FILTER (c.field = 'indicator' AND s.value <> '') AS indicator_no
    FROM read.cell AS c
    JOIN read.spelling AS s USING (reader, kind, text)
    WHERE c.field IN ('year', 'indicator')
    GROUP BY ALL
)
SELECT c.content_hash, c.row_no, c.kind, c.text, i.instrument_code, n.kind AS indicator_kind
FROM read.cell AS c
LEFT JOIN keys AS k USING (content_hash, row_no)
LEFT JOIN ref.instrument AS i ON k.year BETWEEN i.first_year AND i.last_year
LEFT JOIN ref.indicator AS n ON i.instrument_code = n.instrument_code AND k.indicator_no = n.indicator_no
WHERE c.reader = 'score';
