-- Grain: one row per institution: whether its register in force tonight is an earlier one.
-- Reads: source.
CREATE OR REPLACE TABLE core.register_state AS
SELECT institution_code, bool_or(is_stale) AS is_stale
FROM source
WHERE opd_code = ''
GROUP BY ALL;
