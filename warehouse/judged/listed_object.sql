-- Grain: one row per OPD workbook in force and data row of one inventory worksheet: what tells the object from others.
-- Reads: read.{table}, source, read.column. Filled in: {worksheet}, {kind}, {name} (the first of its names that says something),
--        {is_blank}, {values} and {body} (all that's said of it, and all but its
--        name), {national_code} (levels 1 and 2 of its reference code).
SELECT
    row_key(s.source_no, w.row_no) AS row_key,
    s.source_no,
    s.institution_code,
    s.opd_code AS listed_by,
    s.workbook,
    s.worksheet,
    w.content_no,
    w.row_no,
    {kind} AS object_kind,
    {is_blank} AS is_blank,
    upper(w.object_id) AS given_id,
    w.object_id_problem AS id_problem,
    {name} AS object_name,
    md5({values}) AS row_hash,
    CASE WHEN w.object_id IS NULL THEN md5({body}) END AS body_hash,
    {national_code} AS national_code,
    CASE WHEN w.object_id IS NOT NULL OR w.object_name IS NULL
        THEN coalesce(w.object_id_place, column_letter(i.col_no) || w.row_no, w.object_name_place, column_letter(n.col_no) || w.row_no, 'A' || w.row_no)
        ELSE coalesce(w.object_name_place, column_letter(n.col_no) || w.row_no) END AS cell
FROM read.{table} AS w
JOIN source AS s ON w.content_no = s.content_no AND s.worksheet = '{worksheet}'
LEFT JOIN read.column AS i ON w.content_no = i.content_no AND i.field = 'object_id'
LEFT JOIN read.column AS n ON w.content_no = n.content_no AND n.field = 'object_name'
