-- Grain: one row per institution, year and stage that exists.
-- Reads: judged.submission, source, core.verdict, ref.stage.
-- Why:   proposed exists where at least one score cell of the year isn't blank, even one that was rejected; every
--        other stage only where it has a verdict of its own.
CREATE OR REPLACE TABLE core.stage AS
WITH answered AS (
    SELECT DISTINCT source_no, year, instrument_code
    FROM judged.submission
    WHERE NOT is_blank AND instrument_code IS NOT NULL AND years_ahead <= 0
)
SELECT x.institution_code, x.year, x.instrument_code, s.stage, s.stage_no, s.falls_back
FROM (
    SELECT DISTINCT o.institution_code, a.year, a.instrument_code, 'proposed' AS stage
    FROM answered AS a
    JOIN source AS o USING (source_no)
    UNION
    SELECT DISTINCT institution_code, year, instrument_code, stage FROM core.verdict
) AS x
JOIN ref.stage AS s USING (stage);
