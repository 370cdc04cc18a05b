-- Grain: one row per institution, year, stage, night and indicator whose score moved; none on a stage's first night.
-- Reads: history.indicator_score.
-- Why:   one cause, the first that fits, told by which column changed with the score.
WITH moved AS (
    SELECT
        a.institution_code,
        a.year,
        a.stage,
        a.valid_from AS snapshot_on,
        a.indicator_no,
        b AS was,
        a AS now
    FROM history.indicator_score AS a
    JOIN history.indicator_score AS b
        ON a.institution_code = b.institution_code AND a.year = b.year AND a.stage = b.stage
        AND a.indicator_no = b.indicator_no AND a.valid_from = b.valid_to
    WHERE a.score_units <> b.score_units OR a.is_answered <> b.is_answered
        OR a.weight_units * b.unit_total <> b.weight_units * a.unit_total
)
SELECT
    m.institution_code,
    m.year,
    m.stage,
    m.snapshot_on,
    m.indicator_no,
    unit_score(m.was.score_units) AS score_before,
    unit_score(m.now.score_units) AS score_after,
    exact(m.now.score_units * m.now.weight_units, m.now.unit_total * 10000)
        - exact(m.was.score_units * m.was.weight_units, m.was.unit_total * 10000) AS points,
    CASE
        WHEN m.was.instrument_code <> m.now.instrument_code
            OR m.now.weight_units * m.was.unit_total <> m.was.weight_units * m.now.unit_total THEN 'instrument'
        -- a score that was and is a verdict doesn't depend on the register
        WHEN m.stage <> 'official' AND (m.was.verdict_units IS NULL OR m.now.verdict_units IS NULL)
            AND (m.was.scope_hash <> m.now.scope_hash OR m.was.opd_code IS DISTINCT FROM m.now.opd_code) THEN 'register'
        WHEN m.was.verdict_units IS DISTINCT FROM m.now.verdict_units THEN 'verdict'
        WHEN m.was.is_rejected OR m.now.is_rejected THEN 'correction'
        WHEN m.was.is_answered <> m.now.is_answered THEN 'coverage'
        WHEN m.was.claim_units IS NOT DISTINCT FROM m.now.claim_units THEN 'gate'
        ELSE 'score'
    END AS cause,
    m.now.opd_code AS opd_code
FROM moved AS m;
