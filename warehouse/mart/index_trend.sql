-- Grain: one row per institution, year, stage and night.
-- Reads: mart.index_snapshot (tonight included), history.night, core.target.
-- Why:   a change compares with what was in force that many days before, whichever night computed it.
WITH night AS (
    SELECT h.institution_code, h.snapshot_on FROM history.night AS h JOIN tonight USING (institution_code)
),
back AS (
    SELECT n.institution_code, n.snapshot_on, d1.snapshot_on AS on_1d, d7.snapshot_on AS on_7d, d30.snapshot_on AS on_30d
    FROM night AS n
    ASOF LEFT JOIN night AS d1 ON n.institution_code = d1.institution_code AND n.snapshot_on - 1 >= d1.snapshot_on
    ASOF LEFT JOIN night AS d7 ON n.institution_code = d7.institution_code AND n.snapshot_on - 7 >= d7.snapshot_on
    ASOF LEFT JOIN night AS d30 ON n.institution_code = d30.institution_code AND n.snapshot_on - 30 >= d30.snapshot_on
),
index AS (
    SELECT s.* FROM mart.index_snapshot AS s JOIN tonight USING (institution_code)
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
    exists(
        FROM index AS e
        WHERE e.institution_code = i.institution_code AND e.year = i.year AND e.stage = i.stage
            AND e.snapshot_on < i.snapshot_on) AS is_comparable
FROM index AS i
JOIN back AS b USING (institution_code, snapshot_on)
LEFT JOIN index AS i1 ON i.institution_code = i1.institution_code AND i.year = i1.year AND i.stage = i1.stage
    AND b.on_1d = i1.snapshot_on
LEFT JOIN index AS i7 ON i.institution_code = i7.institution_code AND i.year = i7.year AND i.stage = i7.stage
    AND b.on_7d = i7.snapshot_on
LEFT JOIN index AS i30 ON i.institution_code = i30.institution_code AND i.year = i30.year AND i.stage = i30.stage
    AND b.on_30d = i30.snapshot_on
LEFT JOIN core.target AS t ON i.institution_code = t.institution_code AND i.year = t.year
WHERE i.snapshot_on = getvariable('snapshot_on');
