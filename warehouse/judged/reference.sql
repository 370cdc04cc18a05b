-- Grain: one row per object, field that refers to objects of a worksheet, and what it says; to_row_key: the object that's meant.
--        matches: how many objects it could be, none where it's unknown.
-- Reads: stated_reference, judged.object, core.opd.
-- Why:   an id of the own workbook comes first, then `OPD/ID`, then an id and then a name that only one object of the institution has.
CREATE OR REPLACE TABLE judged.reference AS
WITH listed AS (
    SELECT institution_code, listed_by, worksheet, object_id, name_key, min(row_key) AS row_key
    FROM judged.object
    WHERE object_id IS NOT NULL AND NOT is_blank AND NOT is_repeat
    GROUP BY ALL
),
asked AS (
    SELECT DISTINCT institution_code, listed_by, refers_to, said, upper(said) AS id_key FROM stated_reference
),
own AS (
    SELECT a.*, l.row_key AS to_row_key
    FROM asked AS a
    LEFT JOIN listed AS l ON a.institution_code = l.institution_code AND a.listed_by = l.listed_by AND a.refers_to = l.worksheet
        AND a.id_key = l.object_id
),
elsewhere AS (
    FROM own WHERE to_row_key IS NULL
),
candidate AS (
    SELECT e.institution_code, e.listed_by, e.refers_to, e.said, 1 AS choice, l.row_key
    FROM elsewhere AS e
    JOIN listed AS l ON e.institution_code = l.institution_code AND e.refers_to = l.worksheet
        AND split_part(e.id_key, '/', 1) = upper(l.listed_by) AND substr(e.id_key, strpos(e.id_key, '/') + 1) = l.object_id
    WHERE contains(e.said, '/')
    UNION ALL
    SELECT e.institution_code, e.listed_by, e.refers_to, e.said, 2 AS choice, l.row_key
    FROM elsewhere AS e
    JOIN listed AS l ON e.institution_code = l.institution_code AND e.refers_to = l.worksheet AND e.id_key = l.object_id
    UNION ALL
    SELECT e.institution_code, e.listed_by, e.refers_to, e.said, CASE WHEN e.listed_by = l.listed_by THEN 3 ELSE 4 END AS choice, l.row_key
    FROM elsewhere AS e
    JOIN listed AS l ON e.institution_code = l.institution_code AND e.refers_to = l.worksheet AND loosened(e.said) = l.name_key
    WHERE l.name_key <> ''
),
chosen AS (
    SELECT institution_code, listed_by, refers_to, said, count(*) AS matches, min(row_key) AS to_row_key
    FROM (FROM candidate QUALIFY choice = min(choice) OVER (PARTITION BY institution_code, listed_by, refers_to, said))
    GROUP BY ALL
)
SELECT
    s.row_key,
    s.field,
    s.refers_to,
    s.said,
    CASE WHEN o.to_row_key IS NOT NULL THEN 1 ELSE coalesce(c.matches, 0) END AS matches,
    CASE WHEN o.to_row_key IS NOT NULL THEN o.to_row_key WHEN c.matches = 1 THEN c.to_row_key END AS to_row_key
FROM stated_reference AS s
JOIN own AS o USING (institution_code, listed_by, refers_to, said)
LEFT JOIN chosen AS c USING (institution_code, listed_by, refers_to, said);
