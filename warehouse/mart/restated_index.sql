-- Grain: one row per institution, year and stage under an instrument with a crosswalk: about the same evidence under the next one.
-- Reads: figures.restated_indicator, core.index, core.target, ref.instrument, ref.indicator, ref.predicate.
-- Why:   an estimate, plainly. The target is restated as the lowest index of the same predicate. What the outside indices cost is what
--        the index would gain if they stood at the mean of all others; until they're known the others have to make up for them.
WITH estimated AS (
    SELECT
        e.institution_code,
        e.year,
        e.stage,
        e.instrument_code,
        any_value(i.unit_total) AS unit_total,
        any_value(i.lowest_score) AS lowest_score,
        CAST(sum(e.score_units * n.weight_units) AS HUGEINT) AS numerator,
        CAST(sum(CASE WHEN e.sureness = 'likely' THEN e.score_units ELSE i.lowest_score * 10000 END * n.weight_units) AS HUGEINT) AS sure_numerator,
        CAST(sum(e.score_units * n.weight_units) FILTER (NOT e.is_external) AS HUGEINT) AS inner_numerator,
        CAST(sum(n.weight_units) FILTER (NOT e.is_external) AS HUGEINT) AS inner_weight,
        CAST(sum(n.weight_units) FILTER (e.sureness = 'likely') AS HUGEINT) AS sure_weight
    FROM figures.restated_indicator AS e
    JOIN ref.instrument AS i USING (instrument_code)
    JOIN ref.indicator AS n USING (instrument_code, indicator_no)
    GROUP BY ALL
),
aimed AS (
    SELECT e.*, x.instrument_code AS from_instrument_code, shown(x.index_numerator, x.index_denominator) AS index_value, t.target_index,
        (SELECT max(p.from_index) FROM ref.predicate AS p
            WHERE p.instrument_code = e.instrument_code AND p.predicate = predicate_of(x.instrument_code, t.target_index)) AS target_restated,
        unit_total - inner_weight AS outer_weight
    FROM estimated AS e
    JOIN core.index AS x USING (institution_code, year, stage)
    LEFT JOIN core.target AS t USING (institution_code, year)
)
SELECT
    institution_code,
    year,
    stage,
    from_instrument_code,
    index_value,
    instrument_code,
    shown(numerator, unit_total * 10000) AS estimated_value,
    predicate_of(instrument_code, shown(numerator, unit_total * 10000)) AS estimated_predicate,
    shown(sure_numerator, unit_total * 10000) AS cautious_value,
    percent(coalesce(sure_weight, 0), unit_total) AS likely_weight_pct,
    target_index,
    target_restated,
    percent(outer_weight, unit_total) AS outside_weight_pct,
    -- the mean of the others, less the lowest that the outside ones count meanwhile
    shown(outer_weight * greatest(inner_numerator - lowest_score * 10000 * inner_weight, 0), inner_weight * unit_total * 10000) AS outside_cost,
    CASE WHEN target_restated IS NOT NULL THEN shown(
        greatest(CAST(target_restated * 10000 AS HUGEINT) * unit_total - lowest_score * 10000 * outer_weight, 0), inner_weight * 10000) END AS needed_elsewhere
FROM aimed;
