-- Grain: one row per OPD, open year and indicator that it carries without an answer that counts.
-- Reads: core.proposal, open_year, ref.indicator.
CREATE OR REPLACE TEMP VIEW unanswered AS
SELECT p.institution_code, p.opd_code, p.year, p.indicator_no, n.indicator_name
FROM core.proposal AS p
JOIN open_year USING (institution_code, year)
JOIN ref.indicator AS n USING (instrument_code, indicator_no)
WHERE p.opd_code IS NOT NULL AND p.claim_units IS NULL AND NOT n.is_external;
