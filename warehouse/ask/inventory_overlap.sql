-- Grain: as in mart.application_overlap: one row per pair of applications that are likely the same; by group, the strongest group first.
-- Reads: mart.application_overlap.
-- Why:   what people called different is in no group, and comes last.
SELECT *
FROM mart.application_overlap
WHERE ($institution IS NULL OR institution_code = $institution)
    AND ($opd IS NULL OR upper($opd) IN (upper(opd_code_a), upper(listed_by_a), upper(opd_code_b), upper(listed_by_b)))
ORDER BY institution_code, group_no IS NULL, max(score) OVER (PARTITION BY institution_code, group_no) DESC, group_no, score DESC,
    listed_by_a, object_id_a, listed_by_b, object_id_b;
