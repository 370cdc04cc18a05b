-- Grain: one row per institution and year with an accepted target.
-- Reads: judged.target, judged.rejected.
CREATE OR REPLACE TABLE core.target AS
SELECT t.institution_code, t.year, CAST(t.target_index AS DECIMAL(4, 2)) AS target_index
FROM judged.target AS t
ANTI JOIN (SELECT row_key FROM judged.rejected WHERE suite = 'target') AS x USING (row_key)
WHERE NOT t.is_blank
QUALIFY row_number() OVER (PARTITION BY t.institution_code, t.year ORDER BY t.row_no) = 1;
