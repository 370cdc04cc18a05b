-- Grain: one row per object of one worksheet, field that refers to others, and what it says. Filled in: {table}, {worksheet},
--        {field}, {refers_to}.
-- Reads: read.{table}, judged.object.
SELECT o.row_key, o.institution_code, o.listed_by, '{field}' AS field, '{refers_to}' AS refers_to, unnest({elements}) AS said
FROM read.{table} AS w
JOIN judged.object AS o ON w.content_no = o.content_no AND w.row_no = o.row_no AND o.worksheet = '{worksheet}'
WHERE w.{field} IS NOT NULL AND NOT o.is_blank
