-- Grain: one row per institution, instrument, indicator and OPD whose practice decides a practice gate; source_no: its
--        answers, if it has a workbook.
-- Reads: core.carrier, core.opd, ref.indicator, source.
-- Why:   the carrier and its active supporters, every active OPD for SEMUA; an inactive OPD leaves every scope.
CREATE OR REPLACE TABLE core.scope AS
SELECT c.institution_code, c.instrument_code, c.indicator_no, o.opd_code, s.source_no
FROM core.carrier AS c
JOIN ref.indicator AS n ON c.instrument_code = n.instrument_code AND c.indicator_no = n.indicator_no AND n.gate_kind = 'practice'
JOIN core.opd AS o ON c.institution_code = o.institution_code
LEFT JOIN source AS s ON o.institution_code = s.institution_code AND o.opd_code = s.opd_code AND s.worksheet = 'Penilaian'
WHERE o.is_active AND (
    o.opd_code = c.opd_code
    OR list_contains(c.supporters, 'SEMUA')
    OR list_contains(list_transform(c.supporters, lambda code: upper(code)), upper(o.opd_code))
);
