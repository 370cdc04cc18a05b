-- Grain: one row per institution, year, stage and part of the index: domain, aspect, indicator.
-- Reads: core.part_value, ref.instrument.
-- Why:   COINr's terms: the effective weight is a part's weight in the index, the nominal one its weight among the parts of the same
--        whole; the contribution is effective weight x value. What's open is the distance to the highest score.
SELECT
    p.institution_code,
    p.year,
    p.stage,
    p.part,
    p.level,
    exact(100 * p.weight_units, p.unit_total) AS effective_weight_pct,
    exact(100 * p.weight_units, coalesce(a.weight_units, d.weight_units, p.unit_total)) AS nominal_weight_pct,
    exact(p.numerator, p.denominator) AS value_exact,
    exact(p.numerator, i.index_denominator) AS points,
    exact(100 * p.numerator, i.index_numerator) AS contribution_pct,
    exact(n.highest_score * p.denominator - p.numerator, i.index_denominator) AS points_open
FROM core.part_value AS p
JOIN core.index AS i USING (institution_code, year, stage)
JOIN ref.instrument AS n ON p.instrument_code = n.instrument_code
LEFT JOIN ref.aspect AS a ON p.level = 'indicator' AND p.instrument_code = a.instrument_code AND p.aspect_no = a.aspect_no
LEFT JOIN ref.domain AS d ON p.level = 'aspect' AND p.instrument_code = d.instrument_code AND p.domain_no = d.domain_no
WHERE p.level <> 'index';
