-- Grain: one row per institution with a roadmap, and each of the seven contents of one.
-- Reads: core.initiative, ref.roadmap_content, ref.code_list.
WITH planning AS (
    SELECT DISTINCT institution_code FROM core.initiative
)
SELECT
    p.institution_code,
    c.content,
    c.content_name,
    count(i.row_key) AS initiative_count,
    count(DISTINCT i.owner_opd_code) AS opd_count,
    sum(i.budget) AS budget,
    count(*) FILTER (i.consulted = 'yes') AS consulted_count,
    count(i.national_code) AS national_code_count,
    CASE WHEN exists(FROM ref.code_list WHERE reference = 'national_roadmap')
        THEN count(*) FILTER (upper(i.national_code) IN (SELECT levels FROM ref.code_list WHERE reference = 'national_roadmap')) END AS known_code_count,
    count(i.row_key) > 0 AS is_covered
FROM planning AS p
CROSS JOIN ref.roadmap_content AS c
LEFT JOIN core.initiative AS i ON p.institution_code = i.institution_code AND c.content = i.content AND i.is_in_force
GROUP BY ALL;
