-- Grain: one row per institution, instrument and year that initiatives in force plan for: the index if every plan is kept.
-- Reads: core.plan_base, core.planned_score, core.indicator_score, core.target, ref.instrument.
-- Why:   the same exact sum as the index, with each planned score in place of a lower one.
WITH planned_year AS (
    SELECT DISTINCT institution_code, instrument_code, year FROM core.planned_score
),
planned AS (
    SELECT y.institution_code, y.instrument_code, y.year, p.indicator_no, max(p.score_units) AS score_units
    FROM planned_year AS y
    JOIN core.planned_score AS p USING (institution_code, instrument_code)
    WHERE p.year <= y.year
    GROUP BY ALL
),
summed AS (
    SELECT
        y.institution_code,
        y.instrument_code,
        y.year,
        b.year AS base_year,
        b.stage AS base_stage,
        any_value(b.index_numerator) AS base_numerator,
        any_value(b.index_denominator) AS denominator,
        CAST(sum(greatest(s.score_units, coalesce(p.score_units, s.score_units)) * CAST(s.weight_units AS HUGEINT)) AS HUGEINT) AS numerator
    FROM planned_year AS y
    JOIN core.plan_base AS b USING (institution_code, instrument_code)
    JOIN core.indicator_score AS s ON b.institution_code = s.institution_code AND b.year = s.year AND b.stage = s.stage
    LEFT JOIN planned AS p ON y.institution_code = p.institution_code AND y.instrument_code = p.instrument_code AND y.year = p.year
        AND s.indicator_no = p.indicator_no
    GROUP BY ALL
),
spent AS (
    SELECT institution_code, instrument_code, year, count(*) AS initiative_count, sum(budget) AS budget
    FROM (SELECT DISTINCT institution_code, instrument_code, year, row_key, budget FROM core.planned_score)
    GROUP BY ALL
)
SELECT
    s.institution_code,
    s.instrument_code,
    s.year,
    s.base_year,
    s.base_stage,
    exact(s.base_numerator, s.denominator) AS base_index,
    exact(s.numerator, s.denominator) AS index_exact,
    shown(s.numerator, s.denominator) AS index_value,
    predicate_of(s.instrument_code, shown(s.numerator, s.denominator)) AS predicate,
    t.target_index,
    c.initiative_count,
    c.budget
FROM summed AS s
JOIN spent AS c USING (institution_code, instrument_code, year)
JOIN ref.instrument AS n USING (instrument_code)
-- a target is one of the instrument in force that year
LEFT JOIN core.target AS t ON s.institution_code = t.institution_code AND s.year = t.year AND s.year BETWEEN n.first_year AND n.last_year;
