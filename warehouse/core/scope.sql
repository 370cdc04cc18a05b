-- Grain: one row per institution, instrument, indicator and OPD whose practice decides a practice gate; source_no: its own
--        answers, if it has a workbook.
-- Reads: core.carrier, core.opd, ref.indicator.
-- Why:   the carrier and its active supporters, every active OPD for SEMUA; an inactive OPD leaves every scope, and whoever
--        it was merged into stands where it's named.
CREATE OR REPLACE TABLE core.scope AS
WITH named AS (
    SELECT institution_code, coalesce(heir_code, opd_code) AS opd_code, list(upper(opd_code)) AS names
    FROM core.opd
    GROUP BY ALL
)
SELECT c.institution_code, c.instrument_code, c.indicator_no, o.opd_code, o.opd_no, o.source_no
FROM core.carrier AS c
JOIN ref.indicator AS n ON c.instrument_code = n.instrument_code AND c.indicator_no = n.indicator_no AND n.gate_kind = 'practice'
JOIN core.opd AS o ON c.institution_code = o.institution_code
JOIN named AS m ON o.institution_code = m.institution_code AND o.opd_code = m.opd_code
WHERE o.is_active AND (
    o.opd_code = c.opd_code
    OR list_contains(c.supporters, 'SEMUA')
    OR list_has_any(list_transform(c.supporters, lambda code: upper(code)), m.names)
);
