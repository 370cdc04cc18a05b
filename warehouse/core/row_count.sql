-- Grain: one row: the rows of all judged worksheets in force tonight.
-- Reads: judged.outcome.
CREATE OR REPLACE TABLE core.row_count AS
SELECT
    count(*) AS rows_read,
    count(*) FILTER (outcome = 'accepted') AS rows_accepted,
    count(*) FILTER (outcome = 'rejected') AS rows_rejected,
    count(*) FILTER (outcome = 'blank') AS rows_blank
FROM judged.outcome;
