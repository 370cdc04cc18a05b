-- Grain: one row per OPD, inventory worksheet and thing that's found there, at its first cell; those that reject a row first.
-- Reads: judged.finding, ref.object_kind.
-- Why:   a column that's left empty in a hundred rows is one thing to do, and mustn't bury all others.
WITH sheet AS (
    SELECT worksheet, min(rowid) AS place FROM ref.object_kind GROUP BY ALL
),
found AS (
    SELECT f.*, s.place, replace(f.message, f.cell, '') AS said
    FROM judged.finding AS f
    JOIN sheet AS s USING (worksheet)
    WHERE f.opd_code IS NOT NULL
)
SELECT
    institution_code,
    opd_code,
    worksheet || '!' || arg_min(cell, (row_no, cell)) AS cell,
    count(*) AS finding_count,
    severity,
    arg_min(message, (row_no, cell)) || CASE WHEN count(*) > 1
        THEN ' Juga di ' || array_to_string(list(cell ORDER BY row_no, cell)[2:13], ', ') || CASE WHEN count(*) > 13 THEN format(' dan {} lagi', count(*) - 13) ELSE '' END || '.'
        ELSE '' END AS message
FROM found
GROUP BY institution_code, opd_code, worksheet, place, severity, rule_code, column_name, said
ORDER BY institution_code, opd_code, severity, place, min(row_no), rule_code, min(cell);
