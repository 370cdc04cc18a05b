-- Grain: one row per name of an institution, as anybody writes it, and the words that tell it from others.
-- Reads: core.published_figure, core.institution, ref.institution_word.
-- Why:   "Pemerintah Kab. Selayar", "Pemkab Selayar" and "Kabupaten Selayar" are one institution; words that mean the same or
--        nothing are listed in seeds/institution_word.csv.
CREATE OR REPLACE TABLE core.plain_name AS
WITH named AS (
    SELECT DISTINCT institution AS name FROM core.published_figure
    UNION
    SELECT institution_name FROM core.institution
    UNION
    SELECT institution_kind FROM core.institution
    UNION
    SELECT DISTINCT institution_kind FROM core.published_figure
),
worded AS (
    SELECT name, unnest(words) AS word, generate_subscripts(words, 1) AS position
    FROM (SELECT name, list_filter(string_split_regex(lower(name), '[^\p{L}\p{Nd}]+'), lambda one: one <> '') AS words FROM named WHERE name IS NOT NULL)
)
SELECT name, string_agg(said, ' ' ORDER BY position) AS plain_name
FROM (
    SELECT w.name, w.position, coalesce(m.means, w.word) AS said
    FROM worded AS w
    LEFT JOIN ref.institution_word AS m USING (word)
    WHERE said <> ''
    -- "Pemkab Kabupaten Contoh" says one word twice
    QUALIFY said IS DISTINCT FROM lag(said) OVER (PARTITION BY w.name ORDER BY w.position)
)
GROUP BY name;
