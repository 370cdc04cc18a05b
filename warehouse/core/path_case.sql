-- Grain: one row per institution with a target, and plan: the latest year that has one and a stage, at its latest stage. What the
--        cheapest path depends on, as whole numbers, and a hash of it.
-- Reads: core.target, core.index, core.indicator_score, ref.stage, ref.predicate, figures.step_option, figures.official_estimate.
-- Why:   the plan 'target' reaches the target; 'pessimistic' also keeps the target's predicate if the index falls as far as its
--        pessimistic value stands below it: its aim is that reserve above the predicate's bound, if that's more than the target.
CREATE OR REPLACE TABLE core.path_case AS
WITH chosen AS (
    SELECT i.institution_code, i.year, i.stage, i.instrument_code, t.target_index, i.index_numerator, i.index_denominator
    FROM core.index AS i
    JOIN core.target AS t USING (institution_code, year)
    JOIN ref.stage AS g USING (stage)
    QUALIFY row_number() OVER (PARTITION BY i.institution_code ORDER BY i.year DESC, g.stage_no DESC) = 1
),
optional AS (
    SELECT o.institution_code, list({'indicator_no': o.indicator_no, 'from_score': o.from_score, 'to_score': o.to_score,
        'weight_units': s.weight_units, 'cost': o.cost}
        ORDER BY CAST(split_part(o.indicator_no, '-', 1) AS INTEGER), o.indicator_no, o.to_level) AS options
    FROM chosen AS c
    JOIN figures.step_option AS o USING (institution_code, year, stage)
    JOIN core.indicator_score AS s USING (institution_code, year, stage, indicator_no)
    GROUP BY ALL
),
planned AS (
    SELECT institution_code, 'target' AS plan, target_index AS aim, CAST(0 AS DECIMAL(4, 2)) AS reserve
    FROM chosen
    UNION ALL BY NAME
    SELECT c.institution_code, 'pessimistic' AS plan,
        greatest(any_value(c.target_index), max(p.from_index) + any_value(e.low - e.pessimistic_value)) AS aim,
        any_value(e.low - e.pessimistic_value) AS reserve
    FROM chosen AS c
    JOIN figures.official_estimate AS e USING (institution_code, year, stage)
    JOIN ref.predicate AS p ON c.instrument_code = p.instrument_code AND p.from_index <= c.target_index
    GROUP BY ALL
)
SELECT
    c.*,
    p.plan,
    CAST(p.aim AS DECIMAL(4, 2)) AS aim,
    CAST(p.reserve AS DECIMAL(4, 2)) AS reserve,
    coalesce(o.options, []) AS options,
    md5(CAST(ROW(p.aim, c.index_numerator, c.index_denominator, o.options) AS VARCHAR)) AS case_hash
FROM chosen AS c
JOIN planned AS p USING (institution_code)
LEFT JOIN optional AS o USING (institution_code);
