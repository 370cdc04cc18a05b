-- Grain: one row per dataset that holds personal or restricted data, as its words say, and has no classification.
-- Reads: questioned_data, ref.sensitive_word.
-- Why:   "bukan data pribadi" says the opposite, so what's denied is left out first.
WITH told AS (
    SELECT row_key, source_no, lower(concat_ws(' ', data_nature, data_kind)) AS nature, lower(concat_ws(' ', object_name, description)) AS naming
    FROM questioned_data
    WHERE said(classification) IS NULL AND classification_problem IS NULL
),
worded AS (
    SELECT
        string_agg(word, '|') FILTER (told_by = 'nature') AS nature_words,
        string_agg(word, '|') FILTER (told_by = 'name') AS name_words
    FROM ref.sensitive_word
)
SELECT t.row_key, t.source_no, 'classification' AS field, true AS needs_classification
FROM told AS t
CROSS JOIN worded AS w
WHERE regexp_matches(regexp_replace(t.nature, '\b(bukan|tidak|tanpa|non)\b[ -]*((berisi|memuat|mengandung|data)[ -]+)*(' || w.nature_words || ')\b', ' ', 'g'), '\b(' || w.nature_words || ')\b')
    OR regexp_matches(regexp_replace(t.naming, '\b(bukan|tidak|tanpa|non)\b[ -]*((berisi|memuat|mengandung|data)[ -]+)*(' || w.name_words || ')\b', ' ', 'g'), '\b(' || w.name_words || ')\b')
