-- Grain: one row per step of the cheapest path to the target whose indicator an OPD carries, in an open year.
-- Reads: figures.target_step, open_year, ref.indicator, ref.instrument.
SELECT s.institution_code, s.opd_code, s.year, s.indicator_no, n.indicator_name, s.from_score, s.to_score, s.points
FROM figures.target_step AS s
JOIN open_year USING (institution_code, year)
JOIN ref.instrument AS i ON s.year BETWEEN i.first_year AND i.last_year
JOIN ref.indicator AS n ON i.instrument_code = n.instrument_code AND s.indicator_no = n.indicator_no
WHERE s.opd_code IS NOT NULL
ORDER BY s.institution_code, s.opd_code, s.step_no;
