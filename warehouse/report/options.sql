-- Grain: the five single levels of $institution, $year, $stage that bring most for their effort: one row per indicator.
-- Reads: mart.step_option, mart.indicator_snapshot.
-- Why:   without a target there's no path; these are what's worth most then.
SELECT o.indicator_no, s.indicator_name, o.from_score, o.to_score, o.points, o.cost, o.opd_code
FROM mart.step_option AS o
JOIN mart.indicator_snapshot AS s USING (institution_code, year, stage, indicator_no)
WHERE o.institution_code = $institution AND o.year = $year AND o.stage = $stage AND o.cost > 0
QUALIFY row_number() OVER (PARTITION BY o.indicator_no ORDER BY o.to_level) = 1
-- points / cost, compared without dividing twice: the order alone is shown, no figure
ORDER BY CAST(o.points AS DOUBLE) / CAST(o.cost AS DOUBLE) DESC, o.indicator_no
LIMIT 5;
