-- Grain: one row per institution, year and existing stage.
-- Reads: core.indicator_score, core.register_state, ref.instrument.
-- Why:   index = sum(score x weight) / 100, exact in whole units to one division; the domains and aspects are
--        parts of the same sum, never the way to it.
CREATE OR REPLACE TABLE core.index AS
SELECT
    s.institution_code,
    s.year,
    s.stage,
    s.instrument_code,
    CAST(sum(s.score_units * s.weight_units) AS HUGEINT) AS index_numerator,
    any_value(s.unit_total) * 10000 AS index_denominator,
    count(*) FILTER (s.is_answered) AS answered_count,
    count(*) AS indicator_count,
    bool_or(s.is_stale) OR bool_or(r.is_stale) AS is_stale
FROM core.indicator_score AS s
JOIN core.register_state AS r USING (institution_code)
GROUP BY ALL;
