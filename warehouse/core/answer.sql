-- Grain: one row per OPD, year and indicator that its workbook in force answers with an accepted score.
-- Reads: judged.submission, judged.rejected.
-- Why:   rows that repeat the same score are all accepted and the first counts; an indicator that another agency
--        scores takes no answer from an OPD.
CREATE OR REPLACE TABLE core.answer AS
SELECT s.opd_no, s.year, s.indicator_no, s.score_units, s.source_no, s.content_no, s.row_no
FROM judged.submission AS s
ANTI JOIN (SELECT row_key FROM judged.rejected WHERE suite = 'submission') AS x USING (row_key)
WHERE NOT s.is_blank AND NOT s.indicator_is_external AND NOT s.is_repeat;
