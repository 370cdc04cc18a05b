-- Grain: one row per name as it's written: its words, the short name among them, and its initials.
-- Reads: core.overlap_application, ref.overlap_word.
-- Why:   "SIPGAR (Sistem Informasi Pelaporan Garam)" has two names. A word is the short name of others if its letters stand in
--        them in order, from the first one on, and a sign or a word that says nothing ("Sistem") stands between.
CREATE OR REPLACE TABLE core.overlap_name AS
WITH named AS (
    SELECT DISTINCT object_name FROM core.overlap_application WHERE object_name IS NOT NULL
),
cleaned AS (
    SELECT object_name, regexp_replace(regexp_replace(strip_accents(lower(object_name)), '[''’`]', '', 'g'),
        '[()\[\]:;,|/–—]| -|- ', ' | ', 'g') AS cleaned
    FROM named
),
split AS (
    SELECT
        object_name,
        list_filter(list_transform(string_split(cleaned, '|'), lambda one: trim(one)), lambda one: one <> '') AS parts,
        list_filter(string_split_regex(cleaned, '[^\p{L}\p{Nd}]+'), lambda one: one <> '') AS words
    FROM cleaned
),
shortened AS (
    SELECT s.object_name, s.words, coalesce(
        list_filter(s.parts, lambda one: regexp_full_match(one, '[a-z]{3,10}') AND len(list_filter(s.parts, lambda other:
            contains(other, ' ') AND replace(other, ' ', '') LIKE regexp_replace(one, '(.)', '\1%', 'g'))) > 0)[1],
        CASE WHEN second.word IS NOT NULL AND first.word IS NULL AND regexp_full_match(s.words[1], '[a-z]{4,10}')
            AND array_to_string(s.words[2:], '') LIKE regexp_replace(s.words[1], '(.)', '\1%', 'g') THEN s.words[1] END,
        CASE WHEN first.word IS NOT NULL AND regexp_full_match(s.words[-1], '[a-z]{4,10}')
            AND array_to_string(s.words[:-2], '') LIKE regexp_replace(s.words[-1], '(.)', '\1%', 'g') THEN s.words[-1] END) AS short
    FROM split AS s
    LEFT JOIN ref.overlap_word AS first ON s.words[1] = first.word AND first.role = 'generic'
    LEFT JOIN ref.overlap_word AS second ON s.words[2] = second.word AND second.role = 'generic'
)
SELECT
    row_number() OVER (ORDER BY object_name) AS name_no,
    object_name,
    short,
    list_filter(words, lambda one: one IS DISTINCT FROM short) AS words,
    array_to_string(list_transform(list_filter(words, lambda one: one IS DISTINCT FROM short AND length(one) > 3), lambda one: one[1]), '') AS initials
FROM shortened;
