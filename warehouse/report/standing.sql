-- Grain: one row per institution (all or $institution), year and stage on the institution's latest night.
-- Reads: mart.index_snapshot, mart.institution, mart.index_trend, mart.official_estimate, mart.pace, mart.path.
SELECT
    s.institution_code,
    s.year,
    s.stage,
    s.instrument_code,
    s.index_exact,
    s.index_value,
    s.predicate,
    s.coverage_pct,
    s.answered_count,
    s.indicator_count,
    s.is_stale,
    t.change_7d,
    t.target_index,
    t.gap_to_target,
    e.low,
    e.likely,
    e.high,
    e.expected_value,
    e.interval_low,
    e.interval_high,
    e.pessimistic_value,
    e.note AS estimate_note,
    p.target_on,
    p.days_left,
    p.required_per_month,
    p.projected_value,
    p.note AS pace_note,
    a.plan IS NOT NULL AS is_planned,
    a.is_reachable,
    a.index_after,
    c.step_count AS cautious_step_count
FROM mart.index_snapshot AS s
JOIN mart.institution AS i USING (institution_code, snapshot_on)
LEFT JOIN mart.index_trend AS t USING (institution_code, year, stage, snapshot_on)
LEFT JOIN mart.official_estimate AS e USING (institution_code, year, stage)
LEFT JOIN mart.pace AS p USING (institution_code, year, stage)
LEFT JOIN mart.path AS a ON s.institution_code = a.institution_code AND s.year = a.year AND s.stage = a.stage AND a.plan = 'target'
LEFT JOIN mart.path AS c ON s.institution_code = c.institution_code AND s.year = c.year AND s.stage = c.stage AND c.plan = 'pessimistic'
    AND c.is_reachable AND c.step_count > 0
WHERE $institution IS NULL OR s.institution_code = $institution
ORDER BY s.institution_code, s.year, s.stage;
