-- Grain: one row per institution and year with an accepted target.
-- Reads: judged.target, judged.outcome.
CREATE OR REPLACE TABLE core.target AS
SELECT t.institution_code, t.year, CAST(t.target_index AS DECIMAL(4, 2)) AS target_index
FROM judged.target AS t
JOIN judged.outcome AS o ON o.suite = 'target' AND o.row_key = t.row_key AND o.outcome = 'accepted'
QUALIFY row_number() OVER (PARTITION BY t.institution_code, t.year ORDER BY t.row_no) = 1;
