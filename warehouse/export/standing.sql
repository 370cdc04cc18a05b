-- Grain: one row per institution: where it stands, of the latest year with a target unless a year is asked for, at its latest stage.
-- Reads: mart.institution, mart.index_snapshot, mart.index_trend.
-- Why:   the year and stage that its path starts from (ask/path).
SELECT
    i.institution_code,
    n.institution_name,
    i.year,
    i.stage,
    i.index_value,
    i.predicate,
    t.target_index,
    t.gap_to_target,
    i.coverage_pct,
    i.snapshot_on,
    i.instrument_code
FROM mart.institution AS n
JOIN mart.index_snapshot AS i USING (institution_code, snapshot_on)
JOIN mart.index_trend AS t USING (institution_code, year, stage, snapshot_on)
WHERE ($institution IS NULL OR i.institution_code = $institution)
    AND ($year IS NULL OR i.year = $year)
QUALIFY row_number() OVER (PARTITION BY i.institution_code
    ORDER BY t.target_index IS NULL, i.year DESC, list_position($stages, i.stage) DESC) = 1
ORDER BY i.institution_code;
