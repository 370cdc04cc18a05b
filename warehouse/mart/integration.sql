-- Grain: one row per institution, dataset and application of another OPD that uses it; and one per active OPD that shares nothing.
-- Reads: core.object_link, core.object, read.aplikasi, core.opd.
WITH shared AS (
    SELECT DISTINCT
        d.institution_code,
        d.opd_code AS from_opd_code,
        a.opd_code AS to_opd_code,
        d.object_id AS dataset_id,
        d.object_name AS dataset_name,
        a.object_id AS application_id,
        a.object_name AS application_name,
        coalesce(said(w.link_system), 'no') <> 'no' AS is_through_link_system
    FROM core.object_link AS l
    JOIN core.object AS a ON l.from_row_key = a.row_key AND a.worksheet = 'Aplikasi'
    JOIN core.object AS d ON l.to_row_key = d.row_key AND d.worksheet = 'Data'
    JOIN read.aplikasi AS w ON a.content_no = w.content_no AND a.row_no = w.row_no
    WHERE a.opd_code <> d.opd_code
),
sharing AS (
    SELECT institution_code, from_opd_code AS opd_code FROM shared UNION SELECT institution_code, to_opd_code FROM shared
),
listing AS (
    SELECT DISTINCT institution_code FROM core.object WHERE worksheet IN ('Aplikasi', 'Data')
)
SELECT *, false AS is_island FROM shared
UNION ALL BY NAME
SELECT p.institution_code, p.opd_code AS from_opd_code, true AS is_island
FROM core.opd AS p
SEMI JOIN listing USING (institution_code)
ANTI JOIN sharing AS s ON p.institution_code = s.institution_code AND p.opd_code = s.opd_code
WHERE p.is_active;
