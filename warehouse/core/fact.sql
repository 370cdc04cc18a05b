-- Grain: one row per institution that lists anything, and fact of its inventories: how many fulfil it, of how many.
-- Reads: core.object, core.object_link, core.opd, core.initiative, read.aplikasi, read.data, ref.object_kind, ref.roadmap_content.
-- Why:   facts are counted, never scored: which level they support is said in seeds/indicator_fact.csv.
CREATE OR REPLACE TABLE core.fact AS
WITH listing AS (
    SELECT DISTINCT institution_code FROM core.object
),
opd AS (
    SELECT p.institution_code, p.opd_code FROM core.opd AS p SEMI JOIN listing USING (institution_code) WHERE p.is_active
),
opd_count AS (
    SELECT o.institution_code, count(*) AS whole_count, count(*) FILTER (l.opd_code IS NULL) AS silent_opd_count
    FROM opd AS o
    LEFT JOIN (SELECT DISTINCT institution_code, opd_code FROM core.object) AS l USING (institution_code, opd_code)
    GROUP BY ALL
),
application AS (
    SELECT o.institution_code, o.opd_code, o.row_key, coalesce(said(w.link_system), 'no') <> 'no' AS is_linked, w.cycle_documents IS NOT NULL AS is_documented
    FROM core.object AS o
    JOIN read.aplikasi AS w ON o.content_no = w.content_no AND o.row_no = w.row_no
    WHERE o.worksheet = 'Aplikasi'
),
running_on AS (
    SELECT a.institution_code, a.opd_code, t.object_kind
    FROM application AS a
    JOIN core.object_link AS l ON a.row_key = l.from_row_key
    JOIN core.object AS t ON l.to_row_key = t.row_key AND t.worksheet = 'Infrastruktur'
),
opd_with AS (
    SELECT 'opd_in_data_centre' AS fact_code, institution_code, opd_code FROM running_on WHERE object_kind IN ('computing_facility', 'cloud')
    UNION
    SELECT 'opd_on_intra_network', institution_code, opd_code FROM core.object WHERE object_kind = 'intra_network'
    UNION
    SELECT 'opd_on_intra_network', institution_code, opd_code FROM running_on WHERE object_kind = 'intra_network'
    UNION
    SELECT 'opd_on_link_system', institution_code, opd_code FROM application WHERE is_linked
    UNION
    SELECT 'opd_with_security_control', institution_code, opd_code FROM core.object WHERE worksheet = 'Keamanan'
)
SELECT f.fact_code, c.institution_code, count(w.opd_code) AS part_count, any_value(c.whole_count) AS whole_count,
    any_value(c.silent_opd_count) AS silent_opd_count
FROM opd_count AS c
CROSS JOIN (VALUES ('opd_in_data_centre'), ('opd_on_intra_network'), ('opd_on_link_system'), ('opd_with_security_control')) AS f(fact_code)
LEFT JOIN (FROM opd_with SEMI JOIN opd USING (institution_code, opd_code)) AS w ON c.institution_code = w.institution_code AND f.fact_code = w.fact_code
GROUP BY ALL
UNION ALL BY NAME
SELECT 'plans_consulted' AS fact_code, institution_code, count(*) FILTER (consulted = 'yes') AS part_count, count(*) AS whole_count
FROM core.initiative WHERE is_in_force GROUP BY ALL
UNION ALL BY NAME
SELECT 'applications_with_cycle_documents' AS fact_code, institution_code, count(*) FILTER (is_documented) AS part_count, count(*) AS whole_count
FROM application GROUP BY ALL
UNION ALL BY NAME
SELECT 'architecture_domains_listed' AS fact_code, institution_code, count(DISTINCT k.domain) AS part_count, 6 AS whole_count
FROM core.object AS o JOIN ref.object_kind AS k USING (object_kind) WHERE k.domain <> '' GROUP BY ALL
UNION ALL BY NAME
SELECT 'objects_with_national_code' AS fact_code, institution_code, count(national_code) AS part_count, count(*) AS whole_count
FROM core.object AS o JOIN ref.object_kind AS k USING (object_kind) WHERE k.domain <> '' GROUP BY ALL
UNION ALL BY NAME
SELECT 'roadmap_contents_covered' AS fact_code, i.institution_code, count(DISTINCT i.content) AS part_count, (SELECT count(*) FROM ref.roadmap_content) AS whole_count
FROM core.initiative AS i WHERE i.is_in_force GROUP BY ALL;
