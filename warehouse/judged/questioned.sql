-- Grain: one row per row of one inventory worksheet in which a cell may be at fault. Filled in: {table}, {worksheet}, {faults} (one
--        condition for each field).
-- Reads: read.{table}, judged.object.
-- Why:   nearly all rows are whole, so that only these are looked at cell by cell.
CREATE OR REPLACE TEMP TABLE questioned_{table} AS
SELECT w.* EXCLUDE (content_no, row_no), o.row_key, o.source_no, o.object_kind AS of_kind
FROM read.{table} AS w
JOIN judged.object AS o ON w.content_no = o.content_no AND w.row_no = o.row_no AND o.worksheet = '{worksheet}'
WHERE NOT o.is_blank AND o.object_kind IS NOT NULL AND ({faults});
