-- Grain: one row per judged data row with a failing critical rule. The others are accepted, or blank.
-- Reads: judged.failure (what Great Expectations found), ref.rule.
CREATE OR REPLACE TABLE judged.rejected AS
SELECT DISTINCT suite, row_key FROM judged.failure JOIN ref.rule USING (suite, rule_code) WHERE severity = 'critical';
