-- Grain: one row per institution, instrument, indicator and OPD whose practice decides a practice gate.
-- Reads: core.carrier, core.opd.
-- Why:   the carrier and its active supporters, every active OPD for SEMUA; an inactive OPD leaves every scope.
CREATE OR REPLACE TABLE core.scope AS
SELECT c.institution_code, c.instrument_code, c.indicator_no, o.opd_code
FROM core.carrier AS c
JOIN core.opd AS o ON c.institution_code = o.institution_code
WHERE o.is_active AND (
    o.opd_code = c.opd_code
    OR list_contains(c.supporters, 'SEMUA')
    OR list_contains(list_transform(c.supporters, lambda code: upper(code)), upper(o.opd_code))
);
