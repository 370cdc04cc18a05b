-- Grain: one row per institution, instrument and indicator with a known carrier.
-- Reads: core.carrier.
SELECT institution_code, instrument_code, indicator_no, opd_code, supporters FROM core.carrier;
