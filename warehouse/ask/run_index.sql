-- Grain: one row per institution, year and stage of each institution's latest night.
-- Reads: mart.index_snapshot, mart.institution, ref.stage.
SELECT institution_code, year, stage, instrument_code, index_value, predicate, coverage_pct
FROM mart.index_snapshot
JOIN mart.institution USING (institution_code, snapshot_on)
JOIN ref.stage USING (stage)
ORDER BY institution_code, year, stage_no;
