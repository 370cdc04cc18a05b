-- Grain: one row per institution, year, stage and indicator: what it contributes, and the index with it one level lower or higher.
-- Reads: core.indicator_score, core.index, ref.indicator, ref.instrument.
-- Why:   the same exact sum with one score exchanged; a score between levels goes to the nearest whole one below or above. What
--        another agency scores isn't ours to raise.
WITH moved AS (
    SELECT
        s.institution_code,
        s.year,
        s.stage,
        s.indicator_no,
        s.instrument_code,
        s.score_units,
        s.weight_units,
        s.unit_total,
        x.index_numerator,
        x.index_denominator,
        greatest(CAST((s.score_units + 9999) // 10000 AS BIGINT) - 1, i.lowest_score) * 10000 AS units_down,
        CASE WHEN NOT n.is_external THEN least(s.score_units // 10000 + 1, i.highest_score) * 10000 END AS units_up
    FROM core.indicator_score AS s
    JOIN core.index AS x USING (institution_code, year, stage)
    JOIN ref.instrument AS i ON s.instrument_code = i.instrument_code
    JOIN ref.indicator AS n ON s.instrument_code = n.instrument_code AND s.indicator_no = n.indicator_no
),
exchanged AS (
    SELECT
        *,
        index_numerator + (least(units_down, score_units) - score_units) * weight_units AS numerator_down,
        index_numerator + (greatest(units_up, score_units) - score_units) * weight_units AS numerator_up
    FROM moved
),
named AS (
    SELECT
        *,
        predicate_of(instrument_code, shown(index_numerator, index_denominator)) AS predicate_now,
        predicate_of(instrument_code, shown(numerator_down, index_denominator)) AS predicate_down,
        predicate_of(instrument_code, shown(numerator_up, index_denominator)) AS predicate_up
    FROM exchanged
)
SELECT
    institution_code,
    year,
    stage,
    indicator_no,
    exact(100 * weight_units, unit_total) AS weight_pct,
    exact(100 * score_units * weight_units, index_numerator) AS contribution_pct,
    exact(numerator_down, index_denominator) AS index_down,
    exact(numerator_up, index_denominator) AS index_up,
    predicate_down <> predicate_now AS loses_predicate,
    coalesce(predicate_up <> predicate_now, false) AS wins_predicate
FROM named;
