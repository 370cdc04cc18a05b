-- Grain: one row per institution, year, stage and night on which the index moved or scores did, with each cause and its indicators.
-- Reads: mart.index_change, mart.index_snapshot, mart.institution.
WITH caused AS (
    SELECT
        institution_code,
        year,
        stage,
        snapshot_on,
        cause,
        sum(points) AS points,
        list({'indicator_no': indicator_no, 'score_before': score_before, 'score_after': score_after, 'points': points, 'opd_code': opd_code}
            ORDER BY abs(points) DESC, CAST(split_part(indicator_no, '-', 1) AS INTEGER), indicator_no) AS indicators
    FROM mart.index_change
    GROUP BY ALL
)
SELECT
    c.institution_code,
    any_value(n.institution_name) AS institution_name,
    c.year,
    c.stage,
    c.snapshot_on,
    any_value(i.index_exact) - sum(c.points) AS index_before,
    any_value(i.index_exact) AS index_after,
    sum(c.points) AS points,
    list({'cause': c.cause, 'points': c.points, 'indicators': c.indicators} ORDER BY abs(c.points) DESC, c.cause) AS causes
FROM caused AS c
JOIN mart.index_snapshot AS i USING (institution_code, year, stage, snapshot_on)
JOIN mart.institution AS n USING (institution_code)
WHERE ($institution IS NULL OR c.institution_code = $institution)
    AND ($year IS NULL OR c.year = $year)
    AND ($stage IS NULL OR c.stage = $stage)
    AND c.snapshot_on > n.snapshot_on - CAST($days AS INTEGER)
GROUP BY c.institution_code, c.year, c.stage, c.snapshot_on
ORDER BY c.institution_code, c.snapshot_on DESC, c.year DESC, list_position($stages, c.stage);
