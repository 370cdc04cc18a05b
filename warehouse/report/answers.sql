-- Grain: one row per year, OPD and indicator that $institution asks of it or that it answered, with the score that counts for the institution.
-- Reads: mart.opd_answer, mart.indicator_snapshot (stage proposed), mart.evidence.
SELECT
    a.year,
    a.opd_code,
    a.indicator_no,
    s.indicator_name,
    s.aspect_no,
    a.role,
    a.gate_level,
    a.score,
    a.answer,
    a.answer_opd_code,
    a.workbook,
    a.cell,
    s.score AS counted_score,
    s.is_answered AS is_counted,
    s.weight_pct,
    coalesce(e.link_count, 0) AS link_count
FROM mart.opd_answer AS a
JOIN mart.indicator_snapshot AS s ON a.institution_code = s.institution_code AND a.year = s.year AND a.indicator_no = s.indicator_no
    AND s.stage = 'proposed'
LEFT JOIN (
    SELECT institution_code, year, opd_code, indicator_no, count(*) AS link_count FROM mart.evidence GROUP BY ALL
) AS e ON a.institution_code = e.institution_code AND a.year = e.year AND coalesce(a.answer_opd_code, a.opd_code) = e.opd_code AND a.indicator_no = e.indicator_no
WHERE a.institution_code = $institution
ORDER BY a.year DESC, a.opd_code, s.aspect_no, TRY_CAST(split_part(a.indicator_no, '-', 1) AS INTEGER), a.indicator_no;
