-- Grain: one row per institution, year, stage and indicator with an accepted verdict, the latest by its day.
-- Reads: judged.verdict, judged.rejected, source.
CREATE OR REPLACE TABLE core.verdict AS
SELECT
    v.institution_code,
    v.year,
    v.instrument_code,
    v.stage,
    v.indicator_no,
    score_units(v.score) AS score_units,
    s.source_no,
    v.content_no,
    v.row_no,
    s.is_stale
FROM judged.verdict AS v
ANTI JOIN (SELECT row_key FROM judged.rejected WHERE suite = 'verdict') AS x USING (row_key)
JOIN source AS s USING (source_no)
WHERE NOT v.is_blank
QUALIFY row_number() OVER (
    PARTITION BY v.institution_code, v.year, v.stage, v.indicator_no
    ORDER BY v.verdict_on DESC NULLS LAST, v.row_no) = 1;
