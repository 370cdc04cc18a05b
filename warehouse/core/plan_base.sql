-- Grain: one row per institution and instrument: the latest year and stage there are, which plans start from.
-- Reads: core.index, ref.stage.
CREATE OR REPLACE TABLE core.plan_base AS
SELECT i.institution_code, i.instrument_code, i.year, i.stage, i.index_numerator, i.index_denominator
FROM core.index AS i
JOIN ref.stage AS g USING (stage)
QUALIFY row_number() OVER (PARTITION BY i.institution_code, i.instrument_code ORDER BY i.year DESC, g.stage_no DESC) = 1;
