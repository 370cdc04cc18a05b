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
        exact(100 * a.weight_units, any_value(s.unit_total)) AS weight_pct,
        sum(s.score_units * s.weight_units) AS numerator,
        a.weight_units * 10000 AS denominator
    FROM core.indicator_score AS s
    JOIN ref.aspect AS a USING (instrument_code, aspect_no)
    GROUP BY ALL
)
SELECT
    * EXCLUDE (numerator, denominator),
    getvariable('snapshot_on') AS snapshot_on,
    exact(numerator, denominator) AS value_exact,
    shown(numerator, denominator) AS aspect_value
FROM part;
