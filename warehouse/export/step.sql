-- Grain: one row per institution and step of the cheapest path to its target, at most the first $most of each.
-- Reads: mart.target_step, mart.path, mart.indicator_snapshot, mart.opd_rank.
SELECT
    s.institution_code,
    s.year,
    s.step_no,
    s.indicator_no,
    i.indicator_name,
    s.from_score,
    s.to_score,
    s.points,
    s.cost,
    s.opd_code,
    o.opd_name,
    s.index_after,
    p.target_index
FROM mart.target_step AS s
JOIN mart.indicator_snapshot AS i USING (institution_code, year, stage, indicator_no)
LEFT JOIN mart.path AS p ON s.institution_code = p.institution_code AND s.year = p.year AND p.plan = 'target'
LEFT JOIN mart.opd_rank AS o ON s.institution_code = o.institution_code AND s.year = o.year AND s.opd_code = o.opd_code
WHERE ($institution IS NULL OR s.institution_code = $institution)
    AND ($year IS NULL OR s.year = $year)
    AND s.step_no <= $most
ORDER BY s.institution_code, s.year DESC, s.step_no;
