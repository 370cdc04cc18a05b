-- Grain: one row per institution with a roadmap, and step of the cheapest path to the target: whether an initiative covers it.
-- Reads: core.path_step, core.index, core.planned_score, core.initiative.
WITH step AS (
    SELECT p.institution_code, p.year, p.step_no, p.indicator_no, p.to_score, p.opd_code, x.instrument_code
    FROM core.path_step AS p
    JOIN core.index AS x USING (institution_code, year, stage)
    SEMI JOIN core.initiative AS i ON p.institution_code = i.institution_code
    WHERE p.plan = 'target'
)
SELECT
    s.institution_code,
    s.year,
    s.step_no,
    s.indicator_no,
    s.to_score,
    s.opd_code,
    coalesce(bool_or(p.year <= s.year), false) AS is_covered,
    coalesce(bool_or(p.year > s.year) AND NOT bool_or(p.year <= s.year), false) AS is_planned_later,
    string_agg(DISTINCT p.initiative, '; ' ORDER BY p.initiative) AS initiatives
FROM step AS s
LEFT JOIN core.planned_score AS p ON s.institution_code = p.institution_code AND s.instrument_code = p.instrument_code
    AND s.indicator_no = p.indicator_no AND unit_score(p.score_units) >= s.to_score
GROUP BY ALL;
