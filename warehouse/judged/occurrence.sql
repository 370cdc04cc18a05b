-- Grain: one row per judged data row and rule that it fails, with the cell that the rule is about.
-- Reads: judged.failure, judged.row, ref.rule, ref.field, failing_field (what the cells of failing rows hold), read.column, ref.instrument.
-- Why:   what's said beside a row of an OPD's own sheet, and what's listed once for several rows, is the same.
CREATE OR REPLACE TABLE judged.occurrence AS
SELECT
    x.suite,
    x.row_key,
    r.institution_code,
    r.opd_code,
    r.workbook,
    r.worksheet,
    r.year,
    r.indicator_no,
    CASE WHEN r.is_keyed_by_row THEN r.row_no END AS key_row_no,
    c.header AS column_name,
    u.rule_code,
    u.severity,
    CASE
        WHEN u.found <> '' THEN u.found
        WHEN x.found IS NOT NULL THEN presentable(x.found)
        WHEN f.row_key IS NULL THEN 'kosong'
        WHEN f.problem = 'formula' THEN 'rumus tanpa hasil'
        WHEN NOT c.is_shown THEN 'isi tidak ditampilkan'
        ELSE presentable(f.text)
    END AS found,
    r.row_no,
    coalesce(f.place, column_letter(k.col_no) || r.row_no, 'A' || r.row_no) AS cell,
    replace(replace(u.message, '{header}', c.header), '{hint}', c.hint) AS message,
    coalesce(i.score_range, 'angka 0 sampai 5') AS score_range
FROM judged.failure AS x
JOIN judged.row AS r USING (suite, row_key)
JOIN ref.rule AS u USING (suite, rule_code)
JOIN ref.field AS c ON r.worksheet = c.worksheet AND x.field = c.field
LEFT JOIN failing_field AS f ON x.suite = f.suite AND x.row_key = f.row_key AND x.field = f.field
LEFT JOIN read.column AS k ON r.content_no = k.content_no AND x.field = k.field
LEFT JOIN ref.instrument AS i USING (instrument_code);
