-- Grain: one row per institution, year and stage of its latest night.
-- Reads: mart.index_snapshot, mart.institution.
SELECT s.institution_code, s.year, s.stage, s.index_value, s.coverage_pct
FROM mart.index_snapshot AS s
JOIN mart.institution AS i USING (institution_code, snapshot_on)
ORDER BY ALL;
