-- Grain: one row per label, way of writing its name (0 in full, 1 short, 2 initials), and word.
-- Reads: core.overlap_label, core.overlap_name, ref.overlap_word.
-- Why:   "eKinerja" is "e-Kinerja": a prefix in front of a word that is known goes. Initials count where somebody uses them as a name.
CREATE OR REPLACE TABLE core.overlap_spelled AS
WITH label AS (
    SELECT DISTINCT label_no, institution_code, name_no, unsaid FROM core.overlap_label
),
in_full AS (
    SELECT l.label_no, l.institution_code, 0 AS way, unnest(n.words) AS word, generate_subscripts(n.words, 1) AS position
    FROM label AS l
    JOIN core.overlap_name AS n USING (name_no)
),
joined AS (
    -- "My Desa" is "MyDesa", where somebody writes it so
    SELECT f.*, f.word || lead(f.word) OVER following AS both
    FROM in_full AS f
    WINDOW following AS (PARTITION BY f.label_no ORDER BY f.position)
),
together AS (
    SELECT j.label_no, j.position, j.both
    FROM joined AS j
    SEMI JOIN in_full AS w ON j.institution_code = w.institution_code AND j.both = w.word
    WHERE length(j.both) >= 5
),
written AS (
    SELECT f.label_no, f.institution_code, f.way, coalesce(t.both, f.word) AS word, lag(f.word) OVER (PARTITION BY f.label_no ORDER BY f.position) AS previous
    FROM in_full AS f
    LEFT JOIN together AS t USING (label_no, position)
    ANTI JOIN together AS before ON f.label_no = before.label_no AND f.position = before.position + 1
    UNION ALL BY NAME
    SELECT l.label_no, l.institution_code, 1 AS way, n.short AS word
    FROM label AS l
    JOIN core.overlap_name AS n USING (name_no)
    WHERE n.short IS NOT NULL
),
vocabulary AS (
    SELECT DISTINCT institution_code, word FROM written
),
known AS (
    FROM vocabulary
    UNION
    SELECT v.institution_code, w.word FROM (SELECT DISTINCT institution_code FROM vocabulary) AS v, ref.overlap_word AS w
),
bare AS (
    SELECT v.institution_code, v.word, max(k.word) AS bare
    FROM vocabulary AS v
    JOIN ref.overlap_word AS p ON p.role = 'prefix' AND starts_with(v.word, p.word)
    JOIN known AS k ON v.institution_code = k.institution_code AND substr(v.word, length(p.word) + 1) = k.word
    WHERE length(k.word) >= 5
    GROUP BY ALL
)
SELECT w.label_no, w.institution_code, w.way, coalesce(b.bare, w.word) AS word, w.previous
FROM written AS w
LEFT JOIN bare AS b USING (institution_code, word)
UNION ALL BY NAME
SELECT l.label_no, l.institution_code, 2 AS way, n.initials AS word
FROM label AS l
JOIN core.overlap_name AS n USING (name_no)
SEMI JOIN vocabulary AS v ON l.institution_code = v.institution_code AND n.initials = v.word
WHERE length(n.initials) BETWEEN 4 AND 8
UNION ALL BY NAME
SELECT label_no, institution_code, 0 AS way, unnest(unsaid) AS word FROM label;
