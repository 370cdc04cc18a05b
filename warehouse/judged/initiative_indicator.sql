-- Grain: one row per initiative and indicator that it names.
-- Reads: judged.initiative, ref.indicator.
CREATE OR REPLACE TABLE judged.initiative_indicator AS
SELECT s.row_key, s.source_no, s.institution_code, s.instrument_code, s.indicator_no, n.indicator_no IS NOT NULL AS is_known
FROM (
    SELECT row_key, source_no, institution_code, instrument_code, unnest(listed_links(indicators)) AS indicator_no
    FROM judged.initiative
    WHERE indicators IS NOT NULL
) AS s
LEFT JOIN ref.indicator AS n USING (instrument_code, indicator_no);
