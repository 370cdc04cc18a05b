-- Grain: one row per new content and field, with its column; added to read.column.
-- Reads: new_content (headers found when landing), landed_column (headers found again), read.column (what a run that was
--        cut off has left).
-- Why:   one statement: after an insert of nothing DuckDB 1.5.5 hides a large insert until the transaction ends.
INSERT INTO read.column
WITH found AS (
    SELECT content_no, unnest(map_keys(columns)) AS field, unnest(map_values(columns)) AS col_no
    FROM new_content
    WHERE is_landed
    UNION ALL
    FROM landed_column
)
FROM found
WHERE content_no NOT IN (SELECT content_no FROM read.column);
