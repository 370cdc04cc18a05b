-- Grain: one row per institution and pair of applications that people decided on, the pair in its own order.
-- Reads: landed_decision, figures.application.
-- Why:   a decision on an application that isn't listed (any more) waits until it is.
CREATE OR REPLACE TABLE core.overlap_decision AS
WITH sole AS (
    SELECT any_value(institution_code) AS institution_code FROM figures.application HAVING count(DISTINCT institution_code) = 1
),
placed AS (
    SELECT coalesce(d.institution_code, s.institution_code) AS institution_code, d.* EXCLUDE (institution_code)
    FROM landed_decision AS d
    LEFT JOIN sole AS s ON true
),
paired AS (
    SELECT DISTINCT a.institution_code, d.decision, list_sort([
        {'opd': a.listed_by_opd_code, 'id': a.object_id}, {'opd': b.listed_by_opd_code, 'id': b.object_id}]) AS pair
    FROM placed AS d
    JOIN figures.application AS a
        ON upper(d.institution_code) = upper(a.institution_code) AND d.opd_a = upper(a.listed_by_opd_code) AND d.id_a = upper(a.object_id)
    JOIN figures.application AS b
        ON a.institution_code = b.institution_code AND d.opd_b = upper(b.listed_by_opd_code) AND d.id_b = upper(b.object_id)
    WHERE a.opd_code <> b.opd_code
)
SELECT institution_code, pair[1].opd AS listed_by_a, pair[1].id AS object_id_a, pair[2].opd AS listed_by_b, pair[2].id AS object_id_b, decision
FROM paired;
