-- Grain: one row per institution, instrument, indicator and year that initiatives in force plan for: planned against reached.
-- Reads: core.planned_score, core.indicator_score, ref.stage.
-- Why:   a plan of an earlier year stays planned until a later one raises it.
WITH planned_year AS (
    SELECT DISTINCT institution_code, instrument_code, indicator_no, year FROM core.planned_score
),
planned AS (
    SELECT y.*, max(p.score_units) AS planned_units
    FROM planned_year AS y
    JOIN core.planned_score AS p USING (institution_code, instrument_code, indicator_no)
    WHERE p.year <= y.year
    GROUP BY ALL
),
aimed AS (
    SELECT institution_code, instrument_code, indicator_no, year, count(*) AS initiative_count, sum(budget) AS budget,
        string_agg(initiative, '; ' ORDER BY initiative) AS initiatives
    FROM core.planned_score
    GROUP BY ALL
),
reached AS (
    SELECT s.institution_code, s.instrument_code, s.indicator_no, s.year, arg_max(s.score_units, g.stage_no) AS score_units, arg_max(s.stage, g.stage_no) AS stage
    FROM core.indicator_score AS s
    JOIN ref.stage AS g USING (stage)
    GROUP BY ALL
)
SELECT
    p.institution_code,
    p.instrument_code,
    p.indicator_no,
    p.year,
    unit_score(p.planned_units) AS planned_score,
    unit_score(r.score_units) AS reached_score,
    r.stage AS reached_stage,
    unit_score(p.planned_units) - unit_score(r.score_units) AS gap,
    a.initiative_count,
    a.budget,
    a.initiatives
FROM planned AS p
JOIN aimed AS a USING (institution_code, instrument_code, indicator_no, year)
LEFT JOIN reached AS r USING (institution_code, instrument_code, indicator_no, year);
