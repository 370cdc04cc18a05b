-- Grain: one row per institution, instrument and indicator with a known carrier; source_no: its answers, if it has a workbook.
-- Reads: judged.carrier, judged.rejected, source. Repeated rows say the same, carrier and supporters; the first counts.
CREATE OR REPLACE TABLE core.carrier AS
SELECT c.institution_code, c.instrument_code, c.indicator_no, c.opd_code, c.supporters, s.source_no
FROM judged.carrier AS c
ANTI JOIN (SELECT row_key FROM judged.rejected WHERE suite = 'carrier') AS x USING (row_key)
LEFT JOIN source AS s ON c.institution_code = s.institution_code AND c.opd_code = s.opd_code AND s.worksheet = 'Penilaian'
WHERE NOT c.is_blank
QUALIFY row_number() OVER (PARTITION BY c.institution_code, c.instrument_code, c.indicator_no ORDER BY c.row_no) = 1;
