-- Grain: one row per institution, year, stage under an instrument with a crosswalk, and indicator of the instrument after it.
-- Reads: core.indicator_score, ref.crosswalk, ref.instrument, ref.indicator.
-- Why:   an estimate: the mean of the old indicators that likely say the same, weighted as they were, else of those that say
--        something near it; without any the lowest. What another agency scores stays at the lowest while it isn't known.
WITH asked AS (
    SELECT DISTINCT s.institution_code, s.year, s.stage, s.instrument_code, c.to_instrument
    FROM core.index AS s
    JOIN ref.crosswalk AS c ON s.instrument_code = c.from_instrument
),
mapped AS (
    SELECT
        s.institution_code,
        s.year,
        s.stage,
        c.to_instrument,
        c.to_no,
        c.sureness,
        CAST(sum(s.score_units * s.weight_units) AS HUGEINT) AS numerator,
        CAST(sum(s.weight_units) AS HUGEINT) AS weight,
        string_agg(s.indicator_no, ', ' ORDER BY CAST(split_part(s.indicator_no, '-', 1) AS INTEGER)) AS from_indicators
    FROM core.indicator_score AS s
    JOIN ref.crosswalk AS c ON s.instrument_code = c.from_instrument AND s.indicator_no = c.from_no
    GROUP BY ALL
),
chosen AS (
    SELECT * FROM mapped
    QUALIFY row_number() OVER (PARTITION BY institution_code, year, stage, to_instrument, to_no ORDER BY sureness) = 1
)
SELECT
    a.institution_code,
    a.year,
    a.stage,
    a.to_instrument AS instrument_code,
    n.indicator_no,
    n.indicator_name,
    n.is_external,
    exact(100 * n.weight_units, i.unit_total) AS weight_pct,
    CASE WHEN n.is_external THEN 'pending' ELSE coalesce(c.sureness, 'none') END AS sureness,
    CASE WHEN NOT n.is_external THEN c.from_indicators END AS from_indicators,
    CASE WHEN n.is_external OR c.numerator IS NULL THEN i.lowest_score * 10000 ELSE nearest(c.numerator, c.weight) END AS score_units,
    unit_score(score_units) AS estimated_score
FROM asked AS a
JOIN ref.instrument AS i ON a.to_instrument = i.instrument_code
JOIN ref.indicator AS n ON a.to_instrument = n.instrument_code
LEFT JOIN chosen AS c ON a.institution_code = c.institution_code AND a.year = c.year AND a.stage = c.stage
    AND a.to_instrument = c.to_instrument AND n.indicator_no = c.to_no;
