-- Grain: one row per judged data row: blank, rejected (a critical rule failed) or accepted.
-- Reads: judged.row, judged.failure (what Great Expectations found), ref.rule.
CREATE OR REPLACE TABLE judged.outcome AS
SELECT
    r.suite,
    r.row_key,
    CASE WHEN r.is_blank THEN 'blank' WHEN count(u.rule_code) > 0 THEN 'rejected' ELSE 'accepted' END AS outcome
FROM judged.row AS r
LEFT JOIN judged.failure AS f USING (suite, row_key)
LEFT JOIN ref.rule AS u ON f.suite = u.suite AND f.rule_code = u.rule_code AND u.severity = 'critical'
GROUP BY r.suite, r.row_key, r.is_blank;
