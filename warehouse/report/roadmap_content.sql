-- Grain: one row per content of a roadmap, where $institution has one.
-- Reads: mart.roadmap_alignment.
SELECT content, initiative_count, opd_count, budget, consulted_count, is_covered
FROM mart.roadmap_alignment
WHERE institution_code = $institution
ORDER BY list_position(['governance', 'management', 'service', 'infrastructure', 'application', 'security', 'audit'], content);
