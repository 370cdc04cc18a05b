-- Grain: one row per institution, year, stage and night.
-- Reads: mart.index_snapshot (tonight included), core.target.
-- Why:   a change compares with what was in force that many days before, whichever night computed it.
WITH night AS (
    SELECT s.* FROM mart.index_snapshot AS s JOIN tonight USING (institution_code)
)
SELECT
    n.institution_code,
    n.year,
    n.stage,
    n.snapshot_on,
    n.index_value,
    n.index_value - d1.index_value AS change_1d,
    n.index_value - d7.index_value AS change_7d,
    n.index_value - d30.index_value AS change_30d,
    t.target_index,
    t.target_index - n.index_value AS gap_to_target,
    row_number() OVER (PARTITION BY n.institution_code, n.year, n.stage ORDER BY n.snapshot_on) > 1 AS is_comparable
FROM night AS n
ASOF LEFT JOIN night AS d1 ON n.institution_code = d1.institution_code AND n.year = d1.year AND n.stage = d1.stage
    AND n.snapshot_on - 1 >= d1.snapshot_on
ASOF LEFT JOIN night AS d7 ON n.institution_code = d7.institution_code AND n.year = d7.year AND n.stage = d7.stage
    AND n.snapshot_on - 7 >= d7.snapshot_on
ASOF LEFT JOIN night AS d30 ON n.institution_code = d30.institution_code AND n.year = d30.year AND n.stage = d30.stage
    AND n.snapshot_on - 30 >= d30.snapshot_on
LEFT JOIN core.target AS t ON n.institution_code = t.institution_code AND n.year = t.year;
