-- Grain: one row per pair of nodes in core.overlap_candidate, and per node with itself: how alike the names are (0 to 100).
-- Reads: core.overlap_candidate, core.overlap_node_word, core.overlap_node.
-- Why:   twice what is shared, of that and what only one of them has; each word by what its role in ref.overlap_role is worth.
CREATE OR REPLACE TABLE core.overlap_name_pair AS
WITH node AS (
    SELECT node_no, places, place_kinds, numbers, is_initials FROM core.overlap_node WHERE is_example
),
total AS (
    SELECT DISTINCT node_no, unshared_total FROM core.overlap_node_word
),
common AS (
    SELECT c.a_node, c.b_node, sum(least(a.shared, b.shared)) AS shared, sum(a.unshared + b.unshared) AS unshared
    FROM core.overlap_candidate AS c
    JOIN core.overlap_node_word AS a ON c.a_node = a.node_no
    JOIN core.overlap_node_word AS b ON c.b_node = b.node_no AND a.word_no = b.word_no
    GROUP BY ALL
),
weighed AS (
    SELECT c.a_node, c.b_node, coalesce(m.shared, 0) AS shared, a.unshared_total + b.unshared_total - coalesce(m.unshared, 0) AS unshared
    FROM core.overlap_candidate AS c
    JOIN total AS a ON c.a_node = a.node_no
    JOIN total AS b ON c.b_node = b.node_no
    LEFT JOIN common AS m USING (a_node, b_node)
)
SELECT
    w.a_node,
    w.b_node,
    least(percent(2 * w.shared, 2 * w.shared + w.unshared), CASE WHEN a.is_initials OR b.is_initials THEN setting('overlap_initials') ELSE 100 END)
        AS name_similarity,
    coalesce(a.places <> b.places OR (a.places = b.places AND a.place_kinds <> b.place_kinds), false)
        OR coalesce(a.numbers <> b.numbers, false) AS is_other_place
FROM weighed AS w
JOIN node AS a ON w.a_node = a.node_no
JOIN node AS b ON w.b_node = b.node_no
WHERE NOT (a.is_initials AND b.is_initials)
UNION ALL
SELECT node_no, node_no, 100, false FROM node WHERE NOT is_initials;
