-- Grain: one row per institution and pair of applications of two OPD that are likely the same.
-- Reads: core.overlap, core.overlap_group, figures.application.
-- Why:   a pair that people call different stays in sight, in no group.
SELECT
    o.institution_code,
    CASE WHEN o.decision IS DISTINCT FROM 'different' THEN g.group_no END AS group_no,
    a.opd_code AS opd_code_a,
    o.listed_by_a,
    o.object_id_a,
    a.object_name AS object_name_a,
    b.opd_code AS opd_code_b,
    o.listed_by_b,
    o.object_id_b,
    b.object_name AS object_name_b,
    o.score,
    o.name_similarity,
    o.function_similarity,
    o.url_similarity,
    o.reason,
    o.decision
FROM core.overlap AS o
JOIN figures.application AS a ON o.institution_code = a.institution_code AND o.listed_by_a = a.listed_by_opd_code AND o.object_id_a = a.object_id
JOIN figures.application AS b ON o.institution_code = b.institution_code AND o.listed_by_b = b.listed_by_opd_code AND o.object_id_b = b.object_id
LEFT JOIN core.overlap_group AS g ON o.institution_code = g.institution_code AND o.listed_by_a = g.listed_by_opd_code AND o.object_id_a = g.object_id;
