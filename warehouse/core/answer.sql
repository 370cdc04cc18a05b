-- Grain: one row per institution, OPD, year and indicator answered with an accepted score.
-- Reads: judged.submission, judged.outcome.
-- Why:   rows that repeat the same score are all accepted and the first counts; an indicator that another agency
--        scores takes no answer from an OPD.
CREATE OR REPLACE TABLE core.answer AS
SELECT
    s.institution_code,
    s.opd_code,
    s.year,
    s.instrument_code,
    s.indicator_no,
    score_units(s.score) AS score_units,
    s.workbook,
    s.worksheet,
    s.score_cell AS cell,
    s.fetched_at
FROM judged.submission AS s
JOIN judged.outcome AS o ON o.suite = 'submission' AND o.row_key = s.row_key AND o.outcome = 'accepted'
WHERE NOT s.indicator_is_external
QUALIFY row_number() OVER (PARTITION BY s.institution_code, s.opd_code, s.year, s.indicator_no ORDER BY s.row_no) = 1;
