-- Grain: one row per OPD, year and indicator that it carries and hasn't answered.
-- Reads: core.proposal, open_year, ref.indicator, judged.submission, judged.outcome.
-- Why:   what was filled in and rejected is to be mended, and named there.
SELECT p.institution_code, p.opd_code, p.year, p.indicator_no, n.indicator_name
FROM core.proposal AS p
JOIN open_year USING (institution_code, year)
JOIN ref.indicator AS n USING (instrument_code, indicator_no)
WHERE p.opd_code IS NOT NULL AND p.claim_units IS NULL AND NOT n.is_external AND NOT exists(
    FROM judged.submission AS s
    JOIN judged.outcome AS o ON o.suite = 'submission' AND s.row_key = o.row_key
    WHERE o.outcome = 'rejected' AND s.institution_code = p.institution_code AND s.opd_code = p.opd_code
        AND s.year = p.year AND s.indicator_no = p.indicator_no)
ORDER BY p.institution_code, p.opd_code, p.year DESC, TRY_CAST(split_part(p.indicator_no, '-', 1) AS INTEGER), p.indicator_no;
