-- Grain: one row per institution, year, stage and night.
-- Reads: history.index_snapshot, history.night, history.target.
-- Why:   a change compares with what was in force that many days before, whichever night computed it.
WITH night AS (
    SELECT institution_code, snapshot_on FROM history.night
),
back AS (
    SELECT n.institution_code, n.snapshot_on, d1.snapshot_on AS on_1d, d7.snapshot_on AS on_7d, d30.snapshot_on AS on_30d
    FROM night AS n
    ASOF LEFT JOIN night AS d1 ON n.institution_code = d1.institution_code AND n.snapshot_on - 1 >= d1.snapshot_on
    ASOF LEFT JOIN night AS d7 ON n.institution_code = d7.institution_code AND n.snapshot_on - 7 >= d7.snapshot_on
    ASOF LEFT JOIN night AS d30 ON n.institution_code = d30.institution_code AND n.snapshot_on - 30 >= d30.snapshot_on
),
first_night AS (
    SELECT institution_code, year, stage, min(snapshot_on) AS snapshot_on FROM history.index_snapshot GROUP BY ALL
)
SELECT
    i.institution_code,
    i.year,
    i.stage,
    i.snapshot_on,
    i.index_value,
    i.index_value - i1.index_value AS change_1d,
    i.index_value - i7.index_value AS change_7d,
    i.index_value - i30.index_value AS change_30d,
    t.target_index,
    t.target_index - i.index_value AS gap_to_target,
    f.snapshot_on < i.snapshot_on AS is_comparable
FROM history.index_snapshot AS i
JOIN back AS b USING (institution_code, snapshot_on)
JOIN first_night AS f ON i.institution_code = f.institution_code AND i.year = f.year AND i.stage = f.stage
LEFT JOIN history.index_snapshot AS i1 ON i.institution_code = i1.institution_code AND i.year = i1.year AND i.stage = i1.stage
    AND b.on_1d = i1.snapshot_on
LEFT JOIN history.index_snapshot AS i7 ON i.institution_code = i7.institution_code AND i.year = i7.year AND i.stage = i7.stage
    AND b.on_7d = i7.snapshot_on
LEFT JOIN history.index_snapshot AS i30 ON i.institution_code = i30.institution_code AND i.year = i30.year AND i.stage = i30.stage
    AND b.on_30d = i30.snapshot_on
LEFT JOIN history.target AS t ON i.institution_code = t.institution_code AND i.year = t.year
    AND i.snapshot_on >= t.valid_from AND (t.valid_to IS NULL OR i.snapshot_on < t.valid_to);
