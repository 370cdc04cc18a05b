-- Grain: one row per institution, year, stage and indicator with an accepted verdict.
-- Reads: core.verdict, source, raw.content, read.column, read.verifikasi.
SELECT
    v.institution_code,
    v.year,
    v.stage,
    v.indicator_no,
    v.score_units,
    s.worksheet,
    coalesce(w.score_place, column_letter(k.col_no) || v.row_no) AS cell,
    c.content_hash
FROM core.verdict AS v
JOIN source AS s USING (source_no)
JOIN raw.content AS c ON v.content_no = c.content_no
JOIN read.verifikasi AS w ON v.content_no = w.content_no AND v.row_no = w.row_no
JOIN read.column AS k ON v.content_no = k.content_no AND k.field = 'score';
