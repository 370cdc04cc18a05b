-- Grain: one row per pair in core.overlap_pair: its score and the reason in words.
-- Reads: core.overlap_pair, landed_about, core.overlap_application, ref.overlap_reason.
-- Why:   the name decides; what applications are for and where they stand raises or lowers it.
CREATE OR REPLACE TABLE core.overlap_score AS
WITH compared AS (
    SELECT p.*, CAST(CASE WHEN p.a_about = p.b_about THEN 100 ELSE l.similarity END AS DECIMAL(5, 2)) AS function_similarity
    FROM core.overlap_pair AS p
    LEFT JOIN landed_about AS l ON p.a_about = l.left_text AND p.b_about = l.right_text
),
added AS (
    SELECT *,
        greatest(coalesce(name_similarity, 0), CASE WHEN url_similarity = 100 THEN setting('overlap_address_name') ELSE 0 END)
        + coalesce((function_similarity - setting('overlap_function_neutral')) * setting('overlap_function_pct') * CAST('0.01' AS DECIMAL(3, 2)), 0)
        + CASE url_similarity WHEN 100 THEN setting('overlap_same_address') WHEN 0 THEN -setting('overlap_other_address') ELSE 0 END AS added
    FROM compared
)
SELECT
    a.institution_code,
    a.listed_by_opd_code AS listed_by_a,
    a.object_id AS object_id_a,
    b.listed_by_opd_code AS listed_by_b,
    b.object_id AS object_id_b,
    CAST(least(greatest(s.added, 0), CASE WHEN s.is_other_place THEN setting('overlap_other_place') ELSE 100 END) AS DECIMAL(5, 2)) AS score,
    s.name_similarity,
    s.function_similarity,
    s.url_similarity,
    concat_ws('; ',
        overlap_reason('name', s.name_similarity), overlap_reason('function', s.function_similarity), overlap_reason('url', s.url_similarity),
        CASE WHEN s.is_other_place THEN overlap_reason('place', 0) END) AS reason,
    s.is_asked
FROM added AS s
JOIN core.overlap_application AS a ON s.a_no = a.application_no
JOIN core.overlap_application AS b ON s.b_no = b.application_no;
