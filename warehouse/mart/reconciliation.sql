-- Grain: one row per institution, year, stage (official, confirmed) and part that others published for the institution.
-- Reads: core.part_value, core.own_figure.
-- Why:   nothing can be said of a part that isn't fully answered; else equal when the exact value lies within half of the published figure's last digit.
SELECT
    p.institution_code,
    p.year,
    p.stage,
    p.part,
    f.source,
    f.published_value,
    exact(p.numerator, p.denominator) AS computed_value,
    f.published_value - exact(p.numerator, p.denominator) AS difference,
    CASE WHEN p.is_answered THEN abs(f.value_units * p.denominator - p.numerator * 100000000000) <= f.half_units * p.denominator END AS is_equal
FROM core.part_value AS p
JOIN core.own_figure AS f USING (institution_code, year, part)
WHERE p.stage IN ('official', 'confirmed');
