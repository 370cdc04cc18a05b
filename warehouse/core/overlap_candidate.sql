-- Grain: one row per pair of nodes that may be alike enough, or whose applications are close; the lower number first.
-- Reads: core.overlap_node_word, core.overlap_close, core.overlap_label, core.overlap_node.
CREATE OR REPLACE TABLE core.overlap_candidate AS
WITH application_node AS (
    SELECT DISTINCT l.application_no, n.node_no FROM core.overlap_label AS l JOIN core.overlap_node AS n USING (label_no)
),
looked_for AS (
    SELECT node_no, word_no FROM core.overlap_node_word WHERE is_looked_for
)
SELECT a.node_no AS a_node, b.node_no AS b_node
FROM looked_for AS a
JOIN looked_for AS b USING (word_no)
WHERE a.node_no < b.node_no
UNION
SELECT least(a.node_no, b.node_no), greatest(a.node_no, b.node_no)
FROM core.overlap_close AS c
JOIN application_node AS a ON c.a_no = a.application_no
JOIN application_node AS b ON c.b_no = b.application_no
WHERE a.node_no <> b.node_no;
