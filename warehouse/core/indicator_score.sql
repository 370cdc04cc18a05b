-- Grain: one row per institution, year, existing stage and indicator of the year's instrument.
-- Reads: core.stage, core.proposal, core.verdict, ref.stage, ref.instrument, ref.indicator.
-- Why:   a stage takes its own verdict, else the nearest earlier stage's score; the official result never falls back.
--        Without a score an indicator counts the lowest and says that it isn't answered.
CREATE OR REPLACE TABLE core.indicator_score AS
WITH stated AS (
    SELECT institution_code, year, indicator_no, 1 AS stage_no, score_units, claim_units, is_stale,
        workbook, worksheet, cell, fetched_at
    FROM core.proposal
    WHERE score_units IS NOT NULL
    UNION ALL BY NAME
    SELECT v.institution_code, v.year, v.indicator_no, s.stage_no, v.score_units, v.score_units AS claim_units, v.is_stale,
        v.workbook, v.worksheet, v.cell, v.fetched_at
    FROM core.verdict AS v
    JOIN ref.stage AS s USING (stage)
),
chosen AS (
    SELECT
        g.institution_code,
        g.year,
        g.stage,
        t.indicator_no,
        arg_max(t, t.stage_no) AS stated
    FROM core.stage AS g
    JOIN stated AS t ON g.institution_code = t.institution_code AND g.year = t.year
        AND (t.stage_no = g.stage_no OR (g.falls_back AND t.stage_no < g.stage_no))
    GROUP BY ALL
)
SELECT
    g.institution_code,
    g.year,
    g.stage,
    g.instrument_code,
    n.indicator_no,
    n.aspect_no,
    p.opd_code,
    c.stated IS NOT NULL AS is_answered,
    coalesce(c.stated.score_units, i.lowest_score * 10000) AS score_units,
    c.stated.claim_units AS claim_units,
    CASE WHEN c.stated.stage_no > 1 THEN c.stated.score_units END AS verdict_units,
    CASE WHEN coalesce(c.stated.stage_no, 1) = 1 AND g.stage <> 'official' THEN p.is_stale ELSE coalesce(c.stated.is_stale, false) END AS is_stale,
    n.weight_units,
    i.unit_total,
    c.stated.workbook AS workbook,
    c.stated.worksheet AS worksheet,
    c.stated.cell AS cell,
    c.stated.fetched_at AS fetched_at
FROM core.stage AS g
JOIN ref.instrument AS i USING (instrument_code)
JOIN ref.indicator AS n USING (instrument_code)
JOIN core.proposal AS p USING (institution_code, year, indicator_no)
LEFT JOIN chosen AS c USING (institution_code, year, stage, indicator_no);
