-- Grain: one row per institution, OPD, worksheet, year, indicator, column, rule and finding; by row too where year or
--        indicator can't be read. Warnings too.
-- Reads: judged.occurrence.
-- Why:   the message names the cell, what was found and what is valid; a finding on several rows names them all.
CREATE OR REPLACE TABLE judged.finding AS
WITH grouped AS (
    SELECT
        * EXCLUDE (suite, row_key, row_no, cell, score_range),
        min(score_range) AS score_range,
        min(row_no) AS row_no,
        arg_min(cell, row_no) AS cell,
        list(cell ORDER BY row_no) AS cells
    FROM judged.occurrence
    GROUP BY ALL
),
listed AS (
    -- a merged cell stands for several rows and is named once
    SELECT * REPLACE (list_filter(cells, lambda place, i: list_position(cells, place) = i) AS cells) FROM grouped
)
SELECT
    * EXCLUDE (cells, score_range, message),
    spoken(message, cell, indicator_no, year, score_range, found)
    || CASE WHEN len(cells) > 1 THEN ' Juga di ' || array_to_string(cells[2:21], ', ') || '.' ELSE '' END AS message
FROM listed;
