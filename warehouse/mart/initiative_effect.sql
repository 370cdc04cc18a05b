-- Grain: one row per institution and initiative in force: what it gains if its last targets are kept.
-- Reads: core.initiative, core.planned_score, core.plan_base, core.indicator_score, judged.initiative_indicator, judged.initiative_target,
--        ref.indicator.
WITH aim AS (
    SELECT row_key, instrument_code, indicator_no, max(score_units) AS score_units FROM core.planned_score GROUP BY ALL
),
gained AS (
    SELECT a.row_key, CAST(sum(greatest(a.score_units - s.score_units, 0) * CAST(s.weight_units AS HUGEINT)) AS HUGEINT) AS numerator,
        any_value(b.index_denominator) AS denominator
    FROM aim AS a
    JOIN core.initiative AS i USING (row_key)
    JOIN core.plan_base AS b ON i.institution_code = b.institution_code AND a.instrument_code = b.instrument_code
    JOIN core.indicator_score AS s ON b.institution_code = s.institution_code AND b.year = s.year AND b.stage = s.stage AND a.indicator_no = s.indicator_no
    GROUP BY ALL
),
named AS (
    SELECT n.row_key, string_agg(n.indicator_no, '; ' ORDER BY TRY_CAST(split_part(n.indicator_no, '-', 1) AS INTEGER), n.indicator_no) AS indicators,
        bool_or(n.is_known) AS has_known, bool_and(coalesce(x.is_external, false)) AS is_external
    FROM judged.initiative_indicator AS n
    LEFT JOIN ref.indicator AS x USING (instrument_code, indicator_no)
    GROUP BY ALL
),
timed AS (
    SELECT row_key, max(year) AS last_target_year FROM judged.initiative_target WHERE is_on_scale GROUP BY ALL
)
SELECT
    i.institution_code,
    i.opd_code,
    i.listed_by AS listed_by_opd_code,
    i.object_id,
    i.object_name,
    i.owner_opd_code,
    i.instrument_code,
    n.indicators,
    t.last_target_year,
    exact(coalesce(g.numerator, 0), coalesce(g.denominator, 1)) AS points_gained,
    coalesce(g.numerator, 0) > 0 AS moves_indicator,
    CASE WHEN g.numerator > 0 THEN NULL WHEN n.has_known IS NOT TRUE THEN 'no_indicator' WHEN n.is_external THEN 'external'
        WHEN t.row_key IS NULL THEN 'no_target' ELSE 'reached' END AS reason,
    i.budget,
    -- rupiah x 100 over points, to the cent
    CASE WHEN g.numerator > 0 THEN CAST(nearest(CAST(i.budget * 100 AS HUGEINT) * g.denominator, g.numerator) * CAST('0.01' AS DECIMAL(2, 2)) AS DECIMAL(18, 2)) END AS budget_per_point
FROM core.initiative AS i
LEFT JOIN gained AS g USING (row_key)
LEFT JOIN named AS n USING (row_key)
LEFT JOIN timed AS t USING (row_key)
WHERE i.is_in_force;
