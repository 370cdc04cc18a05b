-- Grain: one row per institution, year, stage, night and domain (none where the instrument has no domains).
-- Reads: core.indicator_score, ref.aspect, ref.domain, ref.predicate.
WITH part AS (
    SELECT
        s.institution_code,
        s.year,
        s.stage,
        s.instrument_code,
        d.domain_no,
        d.domain_name,
        s.unit_total,
        d.weight_units,
        sum(s.score_units * s.weight_units) AS numerator
    FROM core.indicator_score AS s
    JOIN ref.aspect AS a USING (instrument_code, aspect_no)
    JOIN ref.domain AS d USING (instrument_code, domain_no)
    GROUP BY ALL
)
SELECT
    * EXCLUDE (numerator, unit_total, weight_units, instrument_code),
    getvariable('snapshot_on') AS snapshot_on,
    exact(100 * weight_units, unit_total) AS weight_pct,
    exact(numerator, weight_units * 10000) AS value_exact,
    shown(numerator, weight_units * 10000) AS domain_value,
    predicate_of(instrument_code, shown(numerator, weight_units * 10000)) AS predicate
FROM part;
