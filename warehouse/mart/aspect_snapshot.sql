-- Grain: one row per institution, year, stage, night and aspect.
-- Reads: core.part_value, ref.aspect.
SELECT
    p.institution_code,
    p.year,
    p.stage,
    a.domain_no,
    a.aspect_no,
    a.aspect_name,
    getvariable('snapshot_on') AS snapshot_on,
    exact(100 * p.weight_units, p.unit_total) AS weight_pct,
    exact(p.numerator, p.denominator) AS value_exact,
    shown(p.numerator, p.denominator) AS aspect_value
FROM core.part_value AS p
JOIN ref.aspect AS a USING (instrument_code, aspect_no)
WHERE p.level = 'aspect';
