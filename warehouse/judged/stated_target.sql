-- Grain: one row per row of Peta Rencana in force, year and target, and the field that says so. Filled in: {columns} (one query per year).
-- Reads: judged.object, read.peta_rencana.
WITH planned AS (
    SELECT o.row_key, w.*
    FROM judged.object AS o
    JOIN read.peta_rencana AS w ON o.content_no = w.content_no AND o.row_no = w.row_no
    WHERE o.worksheet = 'Peta Rencana' AND NOT o.is_blank
)
SELECT row_key, field, CAST(year AS INTEGER) AS year, target
FROM (
    {columns}
    UNION ALL
    SELECT row_key, 'targets' AS field, pair[1] AS year, pair[2] AS target
    FROM (SELECT row_key, unnest(from_json(targets, '[["VARCHAR"]]')) AS pair FROM planned WHERE targets IS NOT NULL)
)
