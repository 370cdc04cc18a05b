-- Grain: one row per institution, year, stage and indicator with an accepted verdict, the latest by its day.
-- Reads: judged.verdict, judged.outcome.
CREATE OR REPLACE TABLE core.verdict AS
SELECT
    v.institution_code,
    v.year,
    v.instrument_code,
    v.stage,
    v.indicator_no,
    score_units(v.score) AS score_units,
    v.workbook,
    v.worksheet,
    v.score_cell AS cell,
    v.fetched_at,
    v.is_stale
FROM judged.verdict AS v
JOIN judged.outcome AS o ON o.suite = 'verdict' AND o.row_key = v.row_key AND o.outcome = 'accepted'
QUALIFY row_number() OVER (
    PARTITION BY v.institution_code, v.year, v.stage, v.indicator_no
    ORDER BY v.verdict_on DESC NULLS LAST, v.row_no) = 1;
