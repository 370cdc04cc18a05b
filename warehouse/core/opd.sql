-- Grain: one row per institution and OPD of the register in force.
-- Reads: judged.opd (rows without a code, and a code's second row, are rejected there).
CREATE OR REPLACE TABLE core.opd AS
SELECT
    institution_code,
    opd_code_found AS opd_code,
    opd_name,
    coalesce(active, 'yes') = 'yes' AS is_active,
    CAST(NULL AS VARCHAR) AS heir_code
FROM judged.opd
WHERE occurrence = 1;
