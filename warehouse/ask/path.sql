-- Grain: one row per institution: where its path starts, its scores and the steps that could be taken.
-- Reads: mart.institution, mart.index_snapshot, mart.index_trend, mart.indicator_snapshot, mart.step_option, mart.official_estimate.
-- Why:   of the latest year with a target, unless a year is asked for, at its latest stage, unless one is asked for.
WITH chosen AS (
    SELECT i.institution_code, n.institution_name, i.year, i.stage, i.instrument_code, t.target_index, e.low - e.pessimistic_value AS reserve, e.case_count
    FROM mart.institution AS n
    JOIN mart.index_snapshot AS i USING (institution_code, snapshot_on)
    JOIN mart.index_trend AS t USING (institution_code, year, stage, snapshot_on)
    JOIN mart.official_estimate AS e USING (institution_code, year, stage)
    WHERE ($institution IS NULL OR i.institution_code = $institution)
        AND ($year IS NULL OR i.year = $year)
        AND ($stage IS NULL OR i.stage = $stage)
    QUALIFY row_number() OVER (PARTITION BY i.institution_code
        ORDER BY t.target_index IS NULL, i.year DESC, list_position($stages, i.stage) DESC) = 1
)
SELECT
    c.*,
    (SELECT list({'indicator_no': s.indicator_no, 'score': s.score})
        FROM mart.indicator_snapshot AS s
        WHERE s.institution_code = c.institution_code AND s.year = c.year AND s.stage = c.stage) AS scores,
    coalesce((SELECT list({'indicator_no': o.indicator_no, 'to_level': o.to_level, 'from_score': o.from_score, 'to_score': o.to_score,
            'cost': o.cost, 'moving_opd': o.moving_opd, 'months': o.months, 'opd_code': o.opd_code}
            ORDER BY CAST(split_part(o.indicator_no, '-', 1) AS INTEGER), o.indicator_no, o.to_level)
        FROM mart.step_option AS o
        WHERE o.institution_code = c.institution_code AND o.year = c.year AND o.stage = c.stage), []) AS options
FROM chosen AS c
ORDER BY c.institution_code;
