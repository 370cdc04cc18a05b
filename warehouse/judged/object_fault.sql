-- Grain: one row per inventory row and cell that its kind, id or name may be at fault in.
-- Reads: judged.object, ref.object_kind, ref.object_field.
WITH listed AS (
    SELECT o.*, o.object_id IS NOT NULL OR o.object_kind IS NULL OR o.id_problem IS NOT NULL AS is_told
    FROM judged.object AS o
    WHERE NOT o.is_blank
)
SELECT row_key, source_no, 'object_kind' AS field, true AS is_of_no_kind, NULL AS is_unnamed, NULL AS is_id_unreadable,
    NULL AS contents, NULL AS is_without_id, NULL AS found
FROM listed
WHERE object_kind IS NULL
UNION ALL
SELECT row_key, source_no, 'object_name', NULL, true, NULL, NULL, NULL, NULL FROM listed WHERE NOT is_told
UNION ALL
SELECT row_key, source_no, 'object_id', NULL, NULL, true, NULL, NULL, NULL FROM listed WHERE id_problem IS NOT NULL
UNION ALL
SELECT row_key, source_no, CASE WHEN is_derived THEN 'object_name' ELSE 'object_id' END, NULL, NULL, NULL, contents, NULL, object_id
FROM listed
WHERE contents IS NOT NULL AND object_kind IS NOT NULL
UNION ALL
SELECT l.row_key, l.source_no, 'object_id', NULL, NULL, NULL, NULL, true, l.object_id
FROM listed AS l
SEMI JOIN (SELECT object_kind FROM ref.object_field WHERE need = 'id') AS k USING (object_kind)
WHERE l.is_derived AND l.object_id IS NOT NULL AND l.id_problem IS NULL
