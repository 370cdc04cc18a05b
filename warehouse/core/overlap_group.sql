-- Grain: one row per institution and application that overlaps with another: the number of its group.
-- Reads: core.overlap.
-- Why:   each application takes the least number among its neighbours' until none changes; what people call different joins nothing.
CREATE OR REPLACE TABLE core.overlap_group AS
WITH RECURSIVE joined AS (
    FROM core.overlap WHERE decision IS DISTINCT FROM 'different'
),
member AS MATERIALIZED (
    SELECT row_number() OVER (ORDER BY institution_code, listed_by_opd_code, object_id) AS member_no, *
    FROM (
        SELECT institution_code, listed_by_a AS listed_by_opd_code, object_id_a AS object_id FROM joined
        UNION
        SELECT institution_code, listed_by_b, object_id_b FROM joined
    )
),
pair AS MATERIALIZED (
    SELECT a.member_no AS a_no, b.member_no AS b_no
    FROM joined AS j
    JOIN member AS a ON j.institution_code = a.institution_code AND j.listed_by_a = a.listed_by_opd_code AND j.object_id_a = a.object_id
    JOIN member AS b ON j.institution_code = b.institution_code AND j.listed_by_b = b.listed_by_opd_code AND j.object_id_b = b.object_id
),
edge AS MATERIALIZED (
    SELECT a_no, b_no FROM pair UNION ALL SELECT b_no, a_no FROM pair
),
reached(member_no, least_no) USING KEY (member_no) AS (
    SELECT a_no, least(a_no, min(b_no)) FROM edge GROUP BY a_no
    UNION
    SELECT e.b_no, min(r.least_no)
    FROM reached AS r
    JOIN edge AS e ON r.member_no = e.a_no
    JOIN recurring.reached AS k ON e.b_no = k.member_no
    WHERE r.least_no < k.least_no
    GROUP BY e.b_no
)
SELECT m.institution_code, m.listed_by_opd_code, m.object_id,
    CAST(dense_rank() OVER (PARTITION BY m.institution_code ORDER BY r.least_no) AS INTEGER) AS group_no
FROM member AS m
JOIN reached AS r USING (member_no);
