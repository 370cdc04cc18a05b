-- Grain: one row per node and word, with the word's number within the institution, and whether a pair is looked for by this word.
-- Reads: core.overlap_node, core.overlap_word.
-- Why:   two sets can only be alike enough if they share one of their rarest words: those without which the rest can't reach the floor.
--        So nothing is lost by looking for a shared word among these only, and words that many names have are hardly ever looked at.
CREATE OR REPLACE TABLE core.overlap_node_word AS
WITH word AS (
    SELECT n.node_no, w.institution_code, w.word, w.shared, w.unshared
    FROM core.overlap_node AS n
    JOIN core.overlap_word AS w USING (label_no, way)
    WHERE n.is_example
),
counted AS (
    SELECT institution_code, word, row_number() OVER (ORDER BY count(*), word, institution_code) AS word_no FROM word GROUP BY institution_code, word
),
numbered AS (
    SELECT w.node_no, c.word_no, w.shared, w.unshared FROM word AS w JOIN counted AS c USING (institution_code, word)
)
SELECT
    *,
    200 * sum(shared) OVER (PARTITION BY node_no ORDER BY word_no ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) >= overlap_floor() * (
        2 * sum(shared) OVER (PARTITION BY node_no ORDER BY word_no ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
        + coalesce(sum(unshared) OVER (PARTITION BY node_no ORDER BY word_no ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)) AS is_looked_for,
    sum(unshared) OVER (PARTITION BY node_no) AS unshared_total
FROM numbered;
