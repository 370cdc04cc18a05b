-- Grain: one row per institution in memory whose indices aren't those that are kept of the night.
-- Reads: history.index_snapshot, figures.index_snapshot, tonight.
SELECT DISTINCT institution_code
FROM (
    SELECT institution_code, year, stage, index_exact
    FROM history.index_snapshot
    SEMI JOIN tonight USING (institution_code)
    WHERE snapshot_on = getvariable('snapshot_on')
) AS k
FULL JOIN (SELECT institution_code, year, stage, index_exact FROM figures.index_snapshot) AS d USING (institution_code, year, stage)
WHERE k.index_exact IS DISTINCT FROM d.index_exact;
