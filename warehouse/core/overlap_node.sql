-- Grain: one row per institution and set of telling words (a node), and label that has it. Labels that differ in other words only share it.
-- Reads: core.overlap_word.
CREATE OR REPLACE TABLE core.overlap_node AS
WITH written AS (
    SELECT label_no, institution_code, way,
        list({'word': word, 'shared': shared, 'unshared': unshared} ORDER BY word, shared, unshared) AS words,
        string_agg(word, ' ' ORDER BY word) FILTER (role IN ('place', 'own_place')) AS places,
        string_agg(word, ' ' ORDER BY word) FILTER (is_place_kind) AS place_kinds,
        string_agg(word, ' ' ORDER BY word) FILTER (role = 'number') AS numbers
    FROM core.overlap_word
    GROUP BY ALL
    HAVING bool_or(tells)
)
SELECT dense_rank() OVER (ORDER BY institution_code, words, places, place_kinds, numbers, way = 2) AS node_no, way = 2 AS is_initials, * EXCLUDE (way)
FROM written;
