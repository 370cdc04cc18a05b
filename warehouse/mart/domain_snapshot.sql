-- Grain: one row per institution, year, stage, night and domain (none where the instrument has no domains).
-- Reads: core.part_value, ref.domain, ref.predicate.
SELECT
    p.institution_code,
    p.year,
    p.stage,
    d.domain_no,
    d.domain_name,
    getvariable('snapshot_on') AS snapshot_on,
    exact(100 * p.weight_units, p.unit_total) AS weight_pct,
    exact(p.numerator, p.denominator) AS value_exact,
    shown(p.numerator, p.denominator) AS domain_value,
    predicate_of(p.instrument_code, shown(p.numerator, p.denominator)) AS predicate
FROM core.part_value AS p
JOIN ref.domain AS d USING (instrument_code, domain_no)
WHERE p.level = 'domain';
