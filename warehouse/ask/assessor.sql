-- Grain: one row per institution, year and indicator with a proposed score, its evidence beside it.
-- Reads: mart.indicator_snapshot, mart.evidence.
SELECT
    s.institution_code,
    s.year,
    s.indicator_no,
    s.indicator_name,
    s.opd_code,
    CASE WHEN s.is_answered THEN s.score END AS score,
    (SELECT min(e.explanation) FROM mart.evidence AS e
        WHERE e.institution_code = s.institution_code AND e.year = s.year AND e.indicator_no = s.indicator_no
            AND e.opd_code = s.opd_code) AS explanation,
    (SELECT string_agg(e.url, chr(10) ORDER BY e.url) FROM mart.evidence AS e
        WHERE e.institution_code = s.institution_code AND e.year = s.year AND e.indicator_no = s.indicator_no
            AND e.opd_code = s.opd_code) AS evidence,
    s.workbook,
    s.cell
FROM mart.indicator_snapshot AS s
WHERE s.stage = 'proposed'
    AND ($institution IS NULL OR s.institution_code = $institution)
    AND ($year IS NULL OR s.year = $year)
ORDER BY s.institution_code, s.year, s.aspect_no, length(s.indicator_no), s.indicator_no;
