-- Grain: one row per institution, year, stage and part: index, domain, aspect, indicator; named as published figures name it.
--        value = numerator / denominator; weight_units of unit_total is its weight in the index.
-- Reads: core.indicator_score, ref.aspect.
CREATE OR REPLACE TABLE core.part_value AS
WITH scored AS (
    SELECT s.institution_code, s.year, s.stage, s.instrument_code, s.aspect_no, a.domain_no, s.indicator_no, s.unit_total,
        CAST(s.weight_units AS HUGEINT) AS weight_units, CAST(s.score_units AS HUGEINT) AS score_units, s.is_answered
    FROM core.indicator_score AS s
    JOIN ref.aspect AS a USING (instrument_code, aspect_no)
)
SELECT
    institution_code,
    year,
    stage,
    instrument_code,
    CASE WHEN indicator_no IS NOT NULL THEN 'indicator' WHEN aspect_no IS NOT NULL THEN 'aspect'
        WHEN domain_no IS NOT NULL THEN 'domain' ELSE 'index' END AS level,
    CASE level WHEN 'indicator' THEN 'Indikator ' || indicator_no WHEN 'aspect' THEN 'Aspek ' || aspect_no
        WHEN 'domain' THEN 'Domain ' || domain_no ELSE 'Indeks' END AS part,
    aspect_no,
    domain_no,
    sum(score_units * weight_units) AS numerator,
    sum(weight_units) AS weight_units,
    sum(weight_units) * 10000 AS denominator,
    any_value(unit_total) AS unit_total,
    bool_and(is_answered) AS is_answered
FROM scored
GROUP BY GROUPING SETS (
    (institution_code, year, stage, instrument_code),
    (institution_code, year, stage, instrument_code, domain_no),
    (institution_code, year, stage, instrument_code, domain_no, aspect_no),
    (institution_code, year, stage, instrument_code, domain_no, aspect_no, indicator_no)
)
-- an instrument without domains has none to sum up
HAVING GROUPING(domain_no) = 1 OR GROUPING(aspect_no) = 0 OR domain_no IS NOT NULL;
