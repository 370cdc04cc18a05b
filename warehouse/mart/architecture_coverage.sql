-- Grain: one row per institution, active OPD and architecture domain.
-- Reads: core.opd, core.object, core.object_link, ref.object_kind.
WITH domain AS (
    SELECT DISTINCT domain, worksheet FROM ref.object_kind WHERE domain <> ''
),
linked AS (
    SELECT from_row_key AS row_key FROM core.object_link UNION SELECT to_row_key FROM core.object_link
),
counted AS (
    SELECT
        o.institution_code,
        o.opd_code,
        o.worksheet,
        count(*) AS listed_count,
        count(*) FILTER (o.is_complete) AS complete_count,
        count(o.national_code) AS coded_count,
        count(l.row_key) AS linked_count
    FROM core.object AS o
    LEFT JOIN linked AS l USING (row_key)
    GROUP BY ALL
)
SELECT
    p.institution_code,
    p.opd_code,
    p.opd_name,
    d.domain,
    d.worksheet,
    coalesce(c.listed_count, 0) AS listed_count,
    coalesce(c.complete_count, 0) AS complete_count,
    coalesce(c.coded_count, 0) AS coded_count,
    coalesce(c.linked_count, 0) AS linked_count,
    percent(c.complete_count, c.listed_count) AS complete_pct,
    percent(c.coded_count, c.listed_count) AS coded_pct,
    percent(c.linked_count, c.listed_count) AS linked_pct
FROM core.opd AS p
CROSS JOIN domain AS d
LEFT JOIN counted AS c ON p.institution_code = c.institution_code AND p.opd_code = c.opd_code AND d.worksheet = c.worksheet
WHERE p.is_active;
