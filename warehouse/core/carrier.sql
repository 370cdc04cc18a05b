-- Grain: one row per institution, instrument and indicator with a known carrier: the OPD that acts, where the registered one
--        was merged into another that one; source_no: its own answers, if it has a workbook.
-- Reads: judged.carrier, judged.rejected, core.opd. Repeated rows say the same, carrier and supporters; the first counts.
CREATE OR REPLACE TABLE core.carrier AS
SELECT c.institution_code, c.instrument_code, c.indicator_no, o.opd_code, c.opd_code AS registered_code, c.supporters, o.opd_no, o.source_no
FROM judged.carrier AS c
ANTI JOIN (SELECT row_key FROM judged.rejected WHERE suite = 'carrier') AS x USING (row_key)
JOIN core.opd AS o ON c.institution_code = o.institution_code AND coalesce(c.heir_code, c.opd_code) = o.opd_code
WHERE NOT c.is_blank
QUALIFY row_number() OVER (PARTITION BY c.institution_code, c.instrument_code, c.indicator_no ORDER BY c.row_no) = 1;
