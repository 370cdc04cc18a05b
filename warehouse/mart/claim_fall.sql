-- Grain: one row per institution, year, stage with cases, and aspect: by how much claims fell in earlier years.
-- Reads: core.fall_case, core.index, ref.aspect, ref.analysis_setting.
-- Why:   an aspect with few cases is drawn towards the whole: (sum of its falls + weight x fall of all) / (its cases + weight);
--        the fall of all counts some cases that didn't fall beforehand: sum / (cases + those).
WITH overall AS (
    SELECT institution_code, year, stage, count(*) + any_value(setting('fall_prior_cases')) AS all_cases,
        CAST(sum(fall_units) AS HUGEINT) AS units
    FROM core.fall_case
    GROUP BY ALL
),
by_aspect AS (
    SELECT institution_code, year, stage, aspect_no, count(*) AS case_count, CAST(sum(fall_units) AS HUGEINT) AS units
    FROM core.fall_case
    GROUP BY ALL
),
drawn AS (
    SELECT
        o.institution_code,
        o.year,
        o.stage,
        a.aspect_no,
        coalesce(b.case_count, 0) AS case_count,
        b.units,
        coalesce(b.units, 0) * o.all_cases + CAST(setting('fall_weight') AS HUGEINT) * o.units AS numerator,
        (coalesce(b.case_count, 0) + CAST(setting('fall_weight') AS HUGEINT)) * o.all_cases AS denominator
    FROM overall AS o
    JOIN core.index AS i USING (institution_code, year, stage)
    JOIN ref.aspect AS a USING (instrument_code)
    LEFT JOIN by_aspect AS b USING (institution_code, year, stage, aspect_no)
)
SELECT
    institution_code,
    year,
    stage,
    aspect_no,
    case_count,
    CAST(nearest(units, case_count) * CAST('0.0001' AS DECIMAL(4, 4)) AS DECIMAL(9, 4)) AS mean_fall,
    nearest(numerator, denominator) AS fall_units,
    CAST(fall_units * CAST('0.0001' AS DECIMAL(4, 4)) AS DECIMAL(9, 4)) AS expected_fall
FROM drawn;
