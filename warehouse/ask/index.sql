-- Grain: one row per institution, year and stage, as known on a night, with its domains and aspects as lists.
-- Reads: mart.index_as_of, mart.domain_snapshot, mart.aspect_snapshot, mart.index_trend, mart.institution.
SELECT
    s.institution_code,
    i.institution_name,
    s.year,
    s.stage,
    s.snapshot_on,
    s.instrument_code,
    s.index_value,
    s.index_exact,
    s.predicate,
    s.coverage_pct,
    s.is_stale,
    t.target_index,
    t.gap_to_target,
    coalesce((
        SELECT list({'domain_no': d.domain_no, 'domain_name': d.domain_name, 'domain_value': d.domain_value} ORDER BY d.domain_no)
        FROM mart.domain_snapshot AS d
        WHERE d.institution_code = s.institution_code AND d.year = s.year AND d.stage = s.stage AND d.snapshot_on = s.snapshot_on
    ), []) AS domains,
    coalesce((
        SELECT list({'aspect_no': a.aspect_no, 'aspect_name': a.aspect_name, 'aspect_value': a.aspect_value} ORDER BY a.aspect_no)
        FROM mart.aspect_snapshot AS a
        WHERE a.institution_code = s.institution_code AND a.year = s.year AND a.stage = s.stage AND a.snapshot_on = s.snapshot_on
    ), []) AS aspects
FROM mart.index_as_of($as_of) AS s
JOIN mart.index_trend AS t USING (institution_code, year, stage, snapshot_on)
LEFT JOIN mart.institution AS i USING (institution_code)
WHERE ($institution IS NULL OR s.institution_code = $institution)
    AND ($year IS NULL OR s.year = $year)
    AND ($stage IS NULL OR s.stage = $stage)
ORDER BY s.institution_code, s.year,
    list_position($stages, s.stage);
