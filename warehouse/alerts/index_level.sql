-- Grain: one row per institution, year and stage: the index of the latest night.
-- Reads: mart.institution, mart.index_trend.
SELECT t.institution_code, t.year, t.stage, t.index_value
FROM mart.index_trend AS t
SEMI JOIN mart.institution AS i USING (institution_code, snapshot_on);
