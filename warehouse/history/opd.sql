-- Grain: one row per institution and OPD of the register in force.
-- Reads: core.opd.
SELECT institution_code, opd_code, opd_name, is_active FROM core.opd;
