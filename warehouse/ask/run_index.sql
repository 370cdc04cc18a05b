-- Grain: one row per institution, year and stage of each institution's latest night.
-- Reads: mart.index_snapshot.
SELECT institution_code, year, stage, instrument_code, index_value, predicate, coverage_pct
FROM mart.index_snapshot AS s
WHERE snapshot_on = (SELECT max(n.snapshot_on) FROM mart.index_snapshot AS n WHERE n.institution_code = s.institution_code)
ORDER BY institution_code, year, list_position(['proposed', 'confirmed', 'document', 'interview', 'visit', 'official'], stage);
