-- Grain: one row per OPD, year and indicator that it carries and hasn't answered.
-- Reads: unanswered, judged.row, judged.rejected.
-- Why:   what was filled in and rejected is to be mended, and named there.
FROM unanswered AS p
WHERE NOT exists(
    FROM judged.row AS r
    JOIN judged.rejected AS x USING (suite, row_key)
    WHERE r.suite = 'submission' AND r.institution_code = p.institution_code AND r.opd_code = p.opd_code
        AND r.year = p.year AND r.indicator_no = p.indicator_no)
ORDER BY institution_code, opd_code, year DESC, TRY_CAST(split_part(indicator_no, '-', 1) AS INTEGER), indicator_no;
