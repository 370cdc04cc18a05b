-- Grain: one row per institution: where it stands and where that leads, of the latest year with a target unless a year is asked for,
-- at its latest stage unless one is asked for.
-- Reads: mart.institution, index_snapshot, index_trend, official_estimate, pace, sensitivity, contribution, comparison, reconciliation,
--        restated_index.
WITH chosen AS (
    SELECT i.institution_code, n.institution_name, n.institution_kind, i.year, i.stage, i.snapshot_on, i.instrument_code,
        i.index_value, i.index_exact, i.predicate, t.target_index
    FROM mart.institution AS n
    JOIN mart.index_snapshot AS i USING (institution_code, snapshot_on)
    JOIN mart.index_trend AS t USING (institution_code, year, stage, snapshot_on)
    WHERE ($institution IS NULL OR i.institution_code = $institution)
        AND ($year IS NULL OR i.year = $year)
        AND ($stage IS NULL OR i.stage = $stage)
    QUALIFY row_number() OVER (PARTITION BY i.institution_code
        ORDER BY t.target_index IS NULL, i.year DESC, list_position($stages, i.stage) DESC) = 1
),
compared AS (
    SELECT institution_code, max(m.year) AS year
    FROM mart.comparison AS m
    JOIN chosen AS c USING (institution_code)
    WHERE m.year <= c.year
    GROUP BY ALL
)
SELECT
    c.*,
    e AS estimate,
    CASE WHEN p.institution_code IS NOT NULL THEN p END AS pace,
    CASE WHEN r.institution_code IS NOT NULL THEN r END AS restated,
    (SELECT list({'part': d.part, 'value_exact': d.value_exact, 'points': d.points, 'contribution_pct': d.contribution_pct, 'points_open': d.points_open}
            ORDER BY d.part)
        FROM mart.contribution AS d
        WHERE d.institution_code = c.institution_code AND d.year = c.year AND d.stage = c.stage AND d.level = 'aspect') AS aspects,
    (SELECT list(s.indicator_no ORDER BY CAST(split_part(s.indicator_no, '-', 1) AS INTEGER), s.indicator_no) FROM mart.sensitivity AS s
        WHERE s.institution_code = c.institution_code AND s.year = c.year AND s.stage = c.stage AND s.loses_predicate) AS losing,
    (SELECT list(s.indicator_no ORDER BY CAST(split_part(s.indicator_no, '-', 1) AS INTEGER), s.indicator_no) FROM mart.sensitivity AS s
        WHERE s.institution_code = c.institution_code AND s.year = c.year AND s.stage = c.stage AND s.wins_predicate) AS winning,
    m.year AS compared_year,
    (SELECT list(k ORDER BY k.part <> 'Indeks', k.part LIKE 'Aspek %', k.part) FROM mart.comparison AS k
        WHERE k.institution_code = c.institution_code AND k.year = m.year) AS comparison,
    (SELECT list(b ORDER BY b.year, b.stage, b.part) FROM mart.reconciliation AS b
        WHERE b.institution_code = c.institution_code AND b.stage = 'official' AND NOT b.is_equal) AS unequal
FROM chosen AS c
JOIN mart.official_estimate AS e USING (institution_code, year, stage)
LEFT JOIN mart.pace AS p ON c.institution_code = p.institution_code AND c.year = p.year AND c.stage = p.stage
LEFT JOIN mart.restated_index AS r ON c.institution_code = r.institution_code AND c.year = r.year AND c.stage = r.stage
LEFT JOIN compared AS m ON c.institution_code = m.institution_code
ORDER BY c.institution_code;
