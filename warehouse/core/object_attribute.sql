-- Grain: one row per object of one worksheet that's new or other than the night before: all that's said of it, as JSON by field.
--        Filled in: {table}, {worksheet}, {pairs} (field and value of what's said).
-- Reads: core.object, read.{table}.
SELECT o.row_key, '{' || concat_ws(',', {pairs}) || '}' AS attributes
FROM core.object AS o
JOIN read.{table} AS w ON o.content_no = w.content_no AND o.row_no = w.row_no
WHERE o.worksheet = '{worksheet}' AND o.valid_from = getvariable('snapshot_on')
