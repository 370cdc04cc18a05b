-- Grain: one row per label, way of writing its name, and word that tells something; misspelt words and synonyms as what they mean.
-- Reads: core.overlap_spelled, core.overlap_alike, landed_alike, core.overlap_opd, core.institution, ref.overlap_word, ref.overlap_role.
-- Why:   a name's places and numbers go with each way of writing it.
CREATE OR REPLACE TABLE core.overlap_word AS
WITH spelling AS (
    SELECT a.institution_code, a.word, arg_max(a.means, (a.is_known, a.names, a.means)) AS means
    FROM core.overlap_alike AS a
    JOIN landed_alike AS l ON a.word = l.left_text AND a.means = l.right_text
    WHERE l.similarity >= setting('overlap_word_alike')
    GROUP BY ALL
),
mended AS (
    -- twice: a misspelling may be nearest to another, more frequent one
    SELECT s.* EXCLUDE (word), coalesce(again.means, once.means, s.word) AS word
    FROM core.overlap_spelled AS s
    LEFT JOIN spelling AS once ON s.institution_code = once.institution_code AND s.word = once.word
    LEFT JOIN spelling AS again ON once.institution_code = again.institution_code AND once.means = again.word
),
meant AS (
    SELECT m.label_no, m.institution_code, m.way, m.previous, unnest(CASE WHEN y.means IS NULL THEN [m.word] ELSE string_split(y.means, ' ') END) AS word
    FROM mended AS m
    LEFT JOIN ref.overlap_word AS y ON m.word = y.word AND y.role = 'synonym'
),
place AS (
    SELECT DISTINCT institution_code, unnest(place) AS word FROM core.overlap_opd
),
own AS (
    SELECT DISTINCT institution_code, unnest(string_split_regex(lower(institution_name), '[^\p{L}\p{Nd}]+')) AS word FROM core.institution
),
phrase AS (
    SELECT institution_code, words, ' ' || array_to_string(words, ' ') || ' ' AS phrase
    FROM core.overlap_opd
    WHERE place_kind IS NULL AND len(words) > 1
),
own_place AS (
    SELECT DISTINCT label_no, unnest(own) AS word FROM core.overlap_label
),
label_text AS (
    SELECT l.label_no, l.institution_code, ' ' || array_to_string(any_value(n.words), ' ') || ' ' AS said
    FROM core.overlap_label AS l
    JOIN core.overlap_name AS n USING (name_no)
    GROUP BY ALL
),
owner AS (
    SELECT DISTINCT t.label_no, unnest(p.words) AS word
    FROM label_text AS t
    JOIN phrase AS p ON t.institution_code = p.institution_code AND contains(t.said, p.phrase)
    UNION
    SELECT m.label_no, m.word FROM meant AS m JOIN ref.overlap_word AS k ON m.previous = k.word AND k.role = 'owner_kind'
    UNION
    SELECT m.label_no, m.word FROM meant AS m JOIN core.overlap_opd AS o ON m.institution_code = o.institution_code AND m.word = o.code_word
),
role AS (
    SELECT word, bool_or(role = 'generic') AS is_generic, bool_or(role = 'place_kind') AS is_place_kind,
        arg_min(role, list_position(['number', 'owner', 'kind', 'light'], role))
            FILTER (role IN ('number', 'owner', 'kind', 'light')) AS role
    FROM ref.overlap_word
    GROUP BY word
),
told AS (
    SELECT m.label_no, m.institution_code, m.way, m.word, CASE
        WHEN regexp_matches(m.word, '\p{Nd}') OR r.role = 'number' THEN 'number'
        WHEN h.word IS NOT NULL THEN 'own_place'
        WHEN p.word IS NOT NULL OR (k.is_place_kind AND r.word IS NULL) THEN 'place'
        WHEN coalesce(r.is_generic, false) OR i.word IS NOT NULL OR length(m.word) = 1 THEN 'generic'
        WHEN r.role IS NOT NULL THEN r.role
        WHEN o.word IS NOT NULL THEN 'owner'
        ELSE 'word' END AS role
    FROM meant AS m
    LEFT JOIN role AS r USING (word)
    LEFT JOIN role AS k ON m.previous = k.word
    LEFT JOIN place AS p ON m.institution_code = p.institution_code AND m.word = p.word
    LEFT JOIN own_place AS h ON m.label_no = h.label_no AND m.word = h.word
    LEFT JOIN own AS i ON m.institution_code = i.institution_code AND m.word = i.word
    LEFT JOIN owner AS o ON m.label_no = o.label_no AND m.word = o.word
),
everywhere AS (
    SELECT t.label_no, t.institution_code, t.way, t.word, t.role FROM told AS t
    UNION
    SELECT t.label_no, t.institution_code, w.way, t.word, t.role
    FROM told AS t
    JOIN (SELECT DISTINCT label_no, way FROM told WHERE way > 0) AS w USING (label_no)
    LEFT JOIN role AS k ON t.word = k.word
    WHERE t.way = 0 AND (t.role IN ('place', 'own_place', 'number') OR k.is_place_kind)
)
SELECT e.label_no, e.institution_code, e.way, e.word, min(e.role) AS role, max(r.shared) AS shared, max(r.unshared) AS unshared, bool_or(r.tells) AS tells,
    bool_or(coalesce(k.is_place_kind, false)) AS is_place_kind
FROM everywhere AS e
JOIN ref.overlap_role AS r USING (role)
LEFT JOIN role AS k ON e.word = k.word
GROUP BY ALL;
