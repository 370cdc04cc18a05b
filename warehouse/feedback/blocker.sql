-- Grain: one row per OPD, year and gated indicator that it keeps below its gate.
-- Reads: figures.opd_blocker, open_year, ref.indicator, ref.instrument.
SELECT
    b.institution_code, b.opd_code, b.year, b.indicator_no, n.indicator_name, b.opd_score, b.gate_level,
    b.points_blocked, b.points_together
FROM figures.opd_blocker AS b
JOIN open_year USING (institution_code, year)
JOIN ref.instrument AS i ON b.year BETWEEN i.first_year AND i.last_year
JOIN ref.indicator AS n ON i.instrument_code = n.instrument_code AND b.indicator_no = n.indicator_no
ORDER BY b.institution_code, b.opd_code, b.year DESC, b.points_blocked DESC, TRY_CAST(split_part(b.indicator_no, '-', 1) AS INTEGER), b.indicator_no;
