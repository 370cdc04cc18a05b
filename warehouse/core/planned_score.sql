-- Grain: one row per initiative in force, indicator of its instrument that it names, and year with a target on the scale.
-- Reads: core.initiative, judged.initiative_indicator, judged.initiative_target, ref.indicator.
-- Why:   what another agency scores isn't ours to plan.
CREATE OR REPLACE TABLE core.planned_score AS
SELECT i.institution_code, i.instrument_code, n.indicator_no, t.year, CAST(t.target * 10000 AS BIGINT) AS score_units, i.row_key, i.initiative, i.budget
FROM core.initiative AS i
JOIN judged.initiative_indicator AS n ON i.row_key = n.row_key AND n.is_known
JOIN judged.initiative_target AS t ON i.row_key = t.row_key AND t.is_on_scale
JOIN ref.indicator AS x ON i.instrument_code = x.instrument_code AND n.indicator_no = x.indicator_no
WHERE i.is_in_force AND NOT x.is_external;
