-- Grain: one row per pair of applications of different OPD that are alike by name, at one address, or said to be the same.
-- Reads: core.overlap_name_pair, core.overlap_node, core.overlap_label, core.overlap_close, core.overlap_application.
CREATE OR REPLACE TABLE core.overlap_pair AS
WITH application_node AS (
    SELECT DISTINCT l.application_no, n.node_no FROM core.overlap_label AS l JOIN core.overlap_node AS n USING (label_no)
),
close_name AS (
    SELECT c.a_no, c.b_no, p.name_similarity, p.is_other_place
    FROM core.overlap_close AS c
    JOIN application_node AS a ON c.a_no = a.application_no
    JOIN application_node AS b ON c.b_no = b.application_no
    JOIN core.overlap_name_pair AS p ON p.a_node = least(a.node_no, b.node_no) AND p.b_node = greatest(a.node_no, b.node_no)
),
alike AS (
    SELECT least(a.application_no, b.application_no) AS a_no, greatest(a.application_no, b.application_no) AS b_no, p.name_similarity, false AS is_other_place
    FROM core.overlap_name_pair AS p
    JOIN application_node AS a ON p.a_node = a.node_no
    JOIN application_node AS b ON p.b_node = b.node_no
    WHERE p.name_similarity >= overlap_floor() AND NOT p.is_other_place AND a.application_no <> b.application_no
        AND (p.a_node <> p.b_node OR a.application_no < b.application_no)
),
named AS (
    SELECT a_no, b_no, max(name_similarity) AS name_similarity, bool_or(is_other_place) AS is_other_place
    FROM (FROM close_name UNION ALL BY NAME FROM alike)
    GROUP BY ALL
)
SELECT
    a_no,
    b_no,
    n.name_similarity,
    coalesce(n.is_other_place, false) AS is_other_place,
    coalesce(c.is_asked, false) AS is_asked,
    a.about AS a_about,
    b.about AS b_about,
    CAST(CASE WHEN a.host IS NULL OR b.host IS NULL THEN NULL WHEN coalesce(c.is_same_address, false) THEN 100 WHEN a.host = b.host THEN 50 ELSE 0 END
        AS DECIMAL(5, 2)) AS url_similarity
FROM named AS n
FULL JOIN core.overlap_close AS c USING (a_no, b_no)
JOIN core.overlap_application AS a ON a_no = a.application_no
JOIN core.overlap_application AS b ON b_no = b.application_no
WHERE a.opd_code <> b.opd_code;
