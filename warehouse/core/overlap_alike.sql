-- Grain: one row per pair of long words that stand in names of one institution and start or end alike.
-- Reads: core.overlap_spelled, core.overlap_opd, ref.overlap_word.
-- Why:   places, and words that are known, are no misspelling of another word.
CREATE OR REPLACE TABLE core.overlap_alike AS
WITH counted AS (
    SELECT institution_code, word, count(DISTINCT label_no) AS names
    FROM core.overlap_spelled
    WHERE length(word) >= setting('overlap_word_letters') AND NOT regexp_matches(word, '\p{Nd}')
    GROUP BY ALL
),
place AS (
    SELECT institution_code, unnest(place) AS word FROM core.overlap_opd
),
open AS (
    SELECT c.*, k.word IS NOT NULL AS is_known
    FROM counted AS c
    LEFT JOIN (SELECT DISTINCT word FROM ref.overlap_word) AS k USING (word)
    ANTI JOIN place AS p ON c.institution_code = p.institution_code AND c.word = p.word
),
open_end AS (
    SELECT *, unnest([left(word, 4) || '-', '-' || right(word, 4)]) AS end_letters FROM open
)
SELECT DISTINCT o.institution_code, o.word, t.word AS means, t.is_known, t.names
FROM open_end AS o
JOIN open_end AS t USING (institution_code, end_letters)
WHERE NOT o.is_known AND abs(length(o.word) - length(t.word)) <= 1 AND (t.is_known, t.names, t.word) > (false, o.names, o.word);
