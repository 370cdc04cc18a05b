-- Grain: one row per application: its label, that is its institution, its name, and what the name says, or leaves unsaid, of its
--        OPD's own place.
-- Reads: core.overlap_application, core.overlap_name, core.overlap_opd, ref.overlap_word.
-- Why:   "Website Kecamatan", of Kecamatan Buki, is that of Buki.
CREATE OR REPLACE TABLE core.overlap_label AS
WITH placed AS (
    SELECT a.application_no, a.institution_code, n.name_no,
        CASE WHEN list_contains(n.words, o.place_kind) AND (p.word IS NOT NULL OR n.words[-1] = o.place_kind) THEN o.place ELSE [] END AS unsaid,
        CASE WHEN len(unsaid) > 0 OR list_has_all(n.words, o.place) THEN o.place ELSE [] END AS own
    FROM core.overlap_application AS a
    JOIN core.overlap_name AS n USING (object_name)
    LEFT JOIN core.overlap_opd AS o ON a.institution_code = o.institution_code AND a.opd_code = o.opd_code
    LEFT JOIN ref.overlap_word AS p ON p.role = 'generic' AND n.words[list_position(n.words, o.place_kind) + 1] = p.word
)
SELECT dense_rank() OVER (ORDER BY institution_code, name_no, unsaid, own) AS label_no, *
FROM placed;
