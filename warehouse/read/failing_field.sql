-- Grain: one row per failing row and field that one of its rules is about, where the field's cell holds something.
-- Reads: judged.failure, judged.row, ref.rule. Filled in: {suite}, {table}, and by field {value}, {text} (where it may be shown),
--        {problem} and {place}.
SELECT suite, row_key, field, text, problem, place
FROM (
    SELECT r.suite, r.row_key, u.field, {value} AS value, {text} AS text, {problem} AS problem, {place} AS place
    FROM judged.row AS r
    JOIN (
        SELECT DISTINCT x.row_key, u.field FROM judged.failure AS x JOIN ref.rule AS u USING (suite, rule_code) WHERE x.suite = '{suite}'
    ) AS u USING (row_key)
    JOIN read.{table} AS w USING (content_no, row_no)
    WHERE r.suite = '{suite}'
)
WHERE value IS NOT NULL OR problem IS NOT NULL
