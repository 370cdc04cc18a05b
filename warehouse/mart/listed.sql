-- Grain: one row per institution and object in force of one worksheet. Filled in: {table}, {worksheet}, {columns} (the table's own),
--        {attributes} (what's said in fields without a column).
-- Reads: core.object, ref.object_kind, read.{table}.
SELECT
    o.institution_code,
    o.opd_code,
    o.listed_by AS listed_by_opd_code,
    o.object_id,
    o.is_derived AS is_id_derived,
    o.object_name,
    o.object_kind,
    k.kind_name,
    {columns},
    {attributes} AS attributes,
    o.is_complete,
    o.valid_from,
    o.workbook,
    o.worksheet,
    o.row_no,
    o.cell
FROM core.object AS o
JOIN ref.object_kind AS k USING (object_kind)
JOIN read.{table} AS w ON o.content_no = w.content_no AND o.row_no = w.row_no
WHERE o.worksheet = '{worksheet}'
