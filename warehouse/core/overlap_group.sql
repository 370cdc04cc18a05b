-- Grain: one row per institution and application that overlaps with another: the number of its group.
-- Reads: core.overlap.
-- Why:   each application takes the least name among its neighbours' until none changes; what people call different joins nothing.
CREATE OR REPLACE TABLE core.overlap_group AS
WITH RECURSIVE edge AS MATERIALIZED (
    SELECT institution_code, {'opd': listed_by_a, 'id': object_id_a} AS a, {'opd': listed_by_b, 'id': object_id_b} AS b
    FROM core.overlap WHERE decision IS DISTINCT FROM 'different'
    UNION ALL
    SELECT institution_code, {'opd': listed_by_b, 'id': object_id_b}, {'opd': listed_by_a, 'id': object_id_a}
    FROM core.overlap WHERE decision IS DISTINCT FROM 'different'
),
reached(institution_code, member, least_member) USING KEY (institution_code, member) AS (
    SELECT institution_code, a, least(a, min(b)) FROM edge GROUP BY institution_code, a
    UNION
    SELECT e.institution_code, e.b, min(r.least_member)
    FROM reached AS r
    JOIN edge AS e ON r.institution_code = e.institution_code AND r.member = e.a
    JOIN recurring.reached AS k ON e.institution_code = k.institution_code AND e.b = k.member
    WHERE r.least_member < k.least_member
    GROUP BY e.institution_code, e.b
)
SELECT institution_code, member.opd AS listed_by_opd_code, member.id AS object_id,
    dense_rank() OVER (PARTITION BY institution_code ORDER BY least_member) AS group_no
FROM reached;
