-- Grain: one row per label and way of writing its name, and the node it is: those of an institution with the same telling words share one.
-- Reads: core.overlap_word.
-- Why:   sums of hashes tell sets apart whatever the order of their words, and need no sort.
CREATE OR REPLACE TABLE core.overlap_node AS
WITH written AS (
    SELECT label_no, institution_code, way, way = 2 AS is_initials,
        sum(hash(word, shared, unshared)) AS words,
        sum(hash(word)) FILTER (role IN ('place', 'own_place')) AS places,
        sum(hash(word)) FILTER (is_place_kind) AS place_kinds,
        sum(hash(word)) FILTER (role = 'number') AS numbers
    FROM core.overlap_word
    GROUP BY label_no, institution_code, way
    HAVING bool_or(tells)
),
node AS (
    SELECT row_number() OVER () AS node_no, *
    FROM (
        SELECT institution_code, is_initials, words, places, place_kinds, numbers, min((label_no, way)) AS example
        FROM written
        GROUP BY ALL
    )
)
SELECT w.label_no, n.node_no, n.is_initials, n.places, n.place_kinds, n.numbers, (w.label_no, w.way) = n.example AS is_example, w.way
FROM written AS w
JOIN node AS n ON w.institution_code = n.institution_code AND w.words = n.words AND w.is_initials = n.is_initials
    AND w.places IS NOT DISTINCT FROM n.places AND w.place_kinds IS NOT DISTINCT FROM n.place_kinds AND w.numbers IS NOT DISTINCT FROM n.numbers;
