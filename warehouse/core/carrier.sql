-- Grain: one row per institution, instrument and indicator with a known carrier.
-- Reads: judged.carrier, judged.outcome. Repeated rows say the same, carrier and supporters; the first counts.
CREATE OR REPLACE TABLE core.carrier AS
SELECT c.institution_code, c.instrument_code, c.indicator_no, c.opd_code, c.supporters
FROM judged.carrier AS c
JOIN judged.outcome AS o ON o.suite = 'carrier' AND o.row_key = c.row_key AND o.outcome = 'accepted'
QUALIFY row_number() OVER (PARTITION BY c.institution_code, c.instrument_code, c.indicator_no ORDER BY c.row_no) = 1;
