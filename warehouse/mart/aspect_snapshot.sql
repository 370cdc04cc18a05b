-- Grain: one row per institution, year, stage, night and aspect.
-- Reads: core.indicator_score, ref.aspect.
WITH part AS (
    SELECT
        s.institution_code,
        s.year,
        s.stage,
        a.domain_no,
        a.aspect_no,
        a.aspect_name,
        s.unit_total,
        a.weight_units,
        sum(s.score_units * s.weight_units) AS numerator
    FROM core.indicator_score AS s
    JOIN ref.aspect AS a USING (instrument_code, aspect_no)
    GROUP BY ALL
)
SELECT
    * EXCLUDE (numerator, unit_total, weight_units),
    getvariable('snapshot_on') AS snapshot_on,
    exact(100 * weight_units, unit_total) AS weight_pct,
    exact(numerator, weight_units * 10000) AS value_exact,
    shown(numerator, weight_units * 10000) AS aspect_value
FROM part;
