-- Grain: one row per index of tonight that isn't what was published, added to history.restatement.
-- Reads: history.index_snapshot (as published), tonight_index_snapshot (as derived now), tonight.
INSERT INTO history.restatement BY NAME
SELECT
    institution_code,
    year,
    stage,
    getvariable('snapshot_on') AS snapshot_on,
    getvariable('restated_at') AS restated_at,
    getvariable('reason') AS reason,
    b.index_exact AS index_before,
    a.index_exact AS index_after,
    b.index_value AS value_before,
    a.index_value AS value_after,
    b.predicate AS predicate_before,
    a.predicate AS predicate_after,
    b.run_id AS run_id_before,
    getvariable('run_id') AS run_id_after
FROM (FROM history.index_snapshot SEMI JOIN tonight USING (institution_code) WHERE snapshot_on = getvariable('snapshot_on')) AS b
FULL JOIN (FROM tonight_index_snapshot SEMI JOIN tonight USING (institution_code)) AS a USING (institution_code, year, stage)
WHERE (b.index_exact, b.index_value, b.predicate) IS DISTINCT FROM (a.index_exact, a.index_value, a.predicate);
