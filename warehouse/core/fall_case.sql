-- Grain: one row per institution, year and stage that's estimated, and case of an earlier year of the same instrument: an
--        indicator that was claimed then, and what a later stage made of it. fall_units: claim less verdict.
-- Reads: core.index, core.indicator_score, core.verdict, ref.stage, ref.indicator.
-- Why:   a claim is the same stage's score; of the two stages of the institution itself (proposed, confirmed) one stands for the other
--        where that says nothing of the indicator. The verdict is the latest stage's beyond it that said anything of the indicator. What another
--        agency scores is no claim.
CREATE OR REPLACE TABLE core.fall_case AS
WITH estimated AS (
    SELECT i.institution_code, i.year, i.stage, i.instrument_code, greatest(g.stage_no, 2) AS stage_no
    FROM core.index AS i
    JOIN ref.stage AS g USING (stage)
    WHERE i.stage <> 'official'
),
claim AS (
    SELECT
        e.institution_code,
        e.year,
        e.stage,
        e.stage_no,
        s.year AS claimed_year,
        s.aspect_no,
        s.indicator_no,
        arg_max(s.score_units, (s.stage = e.stage, g.stage_no)) AS claim_units
    FROM estimated AS e
    JOIN core.indicator_score AS s ON e.institution_code = s.institution_code AND e.instrument_code = s.instrument_code AND s.year < e.year
    JOIN ref.stage AS g ON s.stage = g.stage
    JOIN ref.indicator AS n ON s.instrument_code = n.instrument_code AND s.indicator_no = n.indicator_no
    WHERE s.is_answered AND NOT n.is_external AND (s.stage = e.stage OR (e.stage_no = 2 AND g.stage_no <= 2))
    GROUP BY ALL
)
SELECT
    c.institution_code,
    c.year,
    c.stage,
    c.claimed_year,
    c.aspect_no,
    c.indicator_no,
    any_value(c.claim_units) - arg_max(v.score_units, g.stage_no) AS fall_units
FROM claim AS c
JOIN core.verdict AS v ON c.institution_code = v.institution_code AND c.claimed_year = v.year AND c.indicator_no = v.indicator_no
JOIN ref.stage AS g ON v.stage = g.stage
WHERE g.stage_no > c.stage_no
GROUP BY ALL;
