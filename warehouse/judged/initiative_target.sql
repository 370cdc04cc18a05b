-- Grain: one row per initiative and year with a target; a column of its own comes before the list in one cell.
-- Reads: stated_target, judged.initiative, ref.instrument.
CREATE OR REPLACE TABLE judged.initiative_target AS
SELECT
    t.row_key,
    t.year,
    t.field,
    CAST(t.target AS DECIMAL(18, 10)) AS target,
    CAST(t.target AS DECIMAL(18, 10)) BETWEEN n.lowest_score AND n.highest_score
        AND length(rtrim(split_part(t.target, '.', 2), '0')) <= n.score_decimals AS is_on_scale,
    CAST(t.target AS DECIMAL(18, 10)) < lag(CAST(t.target AS DECIMAL(18, 10))) OVER (PARTITION BY t.row_key ORDER BY t.year) AS falls
FROM (FROM stated_target QUALIFY row_number() OVER (PARTITION BY row_key, year ORDER BY field = 'targets', field) = 1) AS t
JOIN judged.initiative AS i USING (row_key)
JOIN ref.instrument AS n USING (instrument_code);
