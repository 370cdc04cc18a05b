-- Grain: one row per institution, OPD, worksheet, year, indicator, column, rule and finding; by row too where year or
--        indicator can't be read. Warnings too.
-- Reads: judged.failure, judged.row, ref.rule, read.field, read.column, ref.instrument.
-- Why:   the message names the cell, what was found and what is valid; a finding on several rows names them all.
CREATE OR REPLACE TABLE judged.finding AS
WITH placed AS (
    SELECT
        r.institution_code,
        r.opd_code,
        r.workbook,
        r.worksheet,
        r.year,
        nullif(r.indicator_no, '') AS indicator_no,
        CASE WHEN r.is_keyed_by_row THEN r.row_no END AS key_row_no,
        u.header AS column_name,
        u.rule_code,
        u.severity,
        CASE
            WHEN u.found <> '' THEN u.found
            WHEN f.text IS NULL THEN 'kosong'
            WHEN f.kind = 'formula' THEN 'rumus tanpa hasil'
            WHEN NOT u.is_shown THEN 'isi tidak ditampilkan'
            ELSE presentable(f.text)
        END AS found,
        r.row_no,
        coalesce(f.place, k.col_letter || r.row_no, 'A' || r.row_no) AS cell,
        u.message,
        coalesce(i.score_range, 'angka 0 sampai 5') AS score_range
    FROM judged.failure AS x
    JOIN judged.row AS r USING (suite, row_key)
    JOIN ref.rule AS u USING (suite, rule_code)
    LEFT JOIN read.field AS f ON r.content_hash = f.content_hash AND r.row_no = f.row_no AND u.field = f.field
    LEFT JOIN read.column AS k ON r.content_hash = k.content_hash AND u.field = k.field
    LEFT JOIN ref.instrument AS i USING (instrument_code)
),
grouped AS (
    SELECT
        * EXCLUDE (row_no, cell, score_range),
        min(score_range) AS score_range,
        min(row_no) AS row_no,
        arg_min(cell, row_no) AS cell,
        list(cell ORDER BY row_no) AS cells
    FROM placed
    GROUP BY ALL
),
listed AS (
    -- a merged cell stands for several rows and is named once
    SELECT * REPLACE (list_filter(cells, lambda place, i: list_position(cells, place) = i) AS cells) FROM grouped
)
SELECT
    * EXCLUDE (cells, score_range, message),
    replace(replace(replace(replace(replace(message,
        '{cell}', cell), '{indicator}', coalesce(indicator_no, '-')), '{year}', coalesce(CAST(year AS VARCHAR), '-')),
        '{score_range}', score_range), '{found}', found)
    || CASE WHEN len(cells) > 1 THEN ' Juga di ' || array_to_string(cells[2:21], ', ') || '.' ELSE '' END AS message
FROM listed;
