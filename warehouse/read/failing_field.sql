-- Grain: one row per failing row of one worksheet and field that one of its rules is about, where the field's cell holds something.
-- Reads: judged.failure, judged.row. Filled in: {suite}, {worksheet}, {table}, and by field {value}, {text} (where it may be shown),
--        {problem} and {place}.
SELECT suite, row_key, field, text, problem, place
FROM (
    SELECT r.suite, r.row_key, u.field, {value} AS value, {text} AS text, {problem} AS problem, {place} AS place
    FROM judged.row AS r
    JOIN (SELECT DISTINCT row_key, field FROM judged.failure WHERE suite = '{suite}') AS u USING (row_key)
    JOIN read.{table} AS w USING (content_no, row_no)
    WHERE r.suite = '{suite}' AND r.worksheet = '{worksheet}'
)
WHERE value IS NOT NULL OR problem IS NOT NULL
