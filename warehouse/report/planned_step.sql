-- Grain: one row per step of the cheapest path of $institution, where it has a roadmap: whether an initiative covers it.
-- Reads: mart.roadmap_step, mart.target_step, mart.indicator_snapshot.
SELECT r.year, r.step_no, r.indicator_no, r.to_score, r.opd_code, r.is_covered, r.is_planned_later, r.initiatives, t.from_score, t.points, s.indicator_name
FROM mart.roadmap_step AS r
LEFT JOIN mart.target_step AS t USING (institution_code, year, step_no)
LEFT JOIN (SELECT DISTINCT institution_code, year, indicator_no, indicator_name FROM mart.indicator_snapshot) AS s
    ON r.institution_code = s.institution_code AND r.year = s.year AND r.indicator_no = s.indicator_no
WHERE r.institution_code = $institution
ORDER BY r.year, r.step_no;
