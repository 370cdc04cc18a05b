-- Grain: one row per institution, year and stage of each institution's latest night.
-- Reads: history.index_snapshot, history.night, ref.stage.
SELECT institution_code, year, stage, instrument_code, index_value, predicate, coverage_pct
FROM history.index_snapshot
JOIN (SELECT institution_code, max(snapshot_on) AS snapshot_on FROM history.night GROUP BY ALL) USING (institution_code, snapshot_on)
JOIN ref.stage USING (stage)
ORDER BY institution_code, year, stage_no;
