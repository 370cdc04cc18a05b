-- Grain: one row per institution and OPD: its name in plain words, and the place that it's named after, if it's of a kind that is.
-- Reads: core.opd, core.overlap_unsolved, ref.overlap_word.
CREATE OR REPLACE TABLE core.overlap_opd AS
WITH worded AS (
    SELECT institution_code, opd_code, lower(opd_code) AS code_word,
        list_filter(string_split_regex(regexp_replace(strip_accents(lower(coalesce(opd_name, ''))), '[''’`]', '', 'g'), '[^\p{L}\p{Nd}]+'),
            lambda one: one <> '') AS words
    FROM core.opd
    SEMI JOIN core.overlap_unsolved USING (institution_code)
)
SELECT w.institution_code, w.opd_code, w.code_word, w.words, k.word AS place_kind,
    CASE WHEN k.word IS NOT NULL THEN w.words[2:] ELSE [] END AS place
FROM worded AS w
LEFT JOIN ref.overlap_word AS k ON w.words[1] = k.word AND k.role = 'place_kind';
