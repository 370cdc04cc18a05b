-- Grain: one row per institution with a target: the latest year that has one and a stage, at its latest stage. What the
--        cheapest path depends on, as whole numbers, and a hash of it.
-- Reads: core.target, core.index, core.indicator_score, ref.stage, figures.step_option.
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
)
SELECT c.*, coalesce(o.options, []) AS options, md5(CAST(ROW(c.target_index, c.index_numerator, c.index_denominator, o.options) AS VARCHAR)) AS case_hash
FROM chosen AS c
LEFT JOIN optional AS o USING (institution_code);
