-- Grain: one row per OPD, year and indicator that it carries and hasn't answered.
-- Reads: unanswered, judged.submission, judged.outcome.
-- Why:   what was filled in and rejected is to be mended, and named there.
FROM unanswered AS p
WHERE NOT exists(
    FROM judged.submission AS s
    JOIN judged.outcome AS o ON o.suite = 'submission' AND s.row_key = o.row_key
    WHERE o.outcome = 'rejected' AND s.institution_code = p.institution_code AND s.opd_code = p.opd_code
        AND s.year = p.year AND s.indicator_no = p.indicator_no)
ORDER BY institution_code, opd_code, year DESC, TRY_CAST(split_part(indicator_no, '-', 1) AS INTEGER), indicator_no;
