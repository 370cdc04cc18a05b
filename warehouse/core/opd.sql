-- Grain: one row per institution and OPD of the register in force; opd_no numbers them. heir_code: the active OPD that it was
--        merged into, after heir_distance mergers, and that acts for it; source_no: its own answers, if it has a workbook.
-- Reads: judged.opd (rows without a code, and a code's second row, are rejected there), source.
CREATE OR REPLACE TABLE core.opd AS
SELECT
    CAST(row_number() OVER () AS INTEGER) AS opd_no,
    o.institution_code,
    o.opd_code_found AS opd_code,
    o.opd_name,
    coalesce(o.active, 'yes') = 'yes' AS is_active,
    o.heir_code,
    o.heir_distance,
    s.source_no
FROM judged.opd AS o
LEFT JOIN source AS s ON o.institution_code = s.institution_code AND o.opd_code_found = s.opd_code AND s.worksheet = 'Penilaian'
WHERE o.occurrence = 1;
