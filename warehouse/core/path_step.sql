-- Grain: one row per institution, plan and step of its cheapest path; out of reach, of the path to the highest index.
-- Reads: core.path_case, read.path, core.indicator_score.
CREATE OR REPLACE TABLE core.path_step AS
WITH taken AS (
    SELECT c.institution_code, c.plan, c.year, c.stage, unnest(p.steps, max_depth := 2)
    FROM core.path_case AS c
    JOIN read.path AS p ON c.case_hash = p.case_hash AND p.planning_version = getvariable('planning_version')
)
SELECT t.*, s.opd_code
FROM taken AS t
JOIN core.indicator_score AS s USING (institution_code, year, stage, indicator_no);
