-- Grain: one row per group of applications of $institution that are likely the same; pairs that people call different are left out.
-- Reads: mart.application_overlap.
WITH pair AS (
    SELECT * FROM mart.application_overlap WHERE institution_code = $institution AND decision IS DISTINCT FROM 'different'
),
member AS (
    SELECT group_no, opd_code_a AS opd_code, listed_by_a AS listed_by, object_id_a AS object_id, object_name_a AS object_name FROM pair
    UNION
    SELECT group_no, opd_code_b, listed_by_b, object_id_b, object_name_b FROM pair
),
listed AS (
    SELECT
        group_no,
        count(DISTINCT opd_code) AS opd_count,
        list({'opd_code': opd_code, 'listed_by': listed_by, 'object_id': object_id, 'object_name': object_name} ORDER BY opd_code, object_id, listed_by) AS members
    FROM member
    GROUP BY ALL
),
scored AS (
    SELECT
        group_no,
        max(score) AS score,
        min(score) AS least_score,
        first(reason ORDER BY score DESC, opd_code_a, object_id_a, opd_code_b, object_id_b) AS reason,
        count(*) AS pair_count,
        count(*) FILTER (decision = 'same') AS same_count
    FROM pair
    GROUP BY ALL
)
FROM scored
JOIN listed USING (group_no)
ORDER BY score DESC, opd_count DESC, group_no;
