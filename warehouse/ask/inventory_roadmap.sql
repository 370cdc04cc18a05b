-- Grain: one row per institution with a roadmap: its tables as lists, each with its columns.
-- Reads: mart.institution, roadmap_index, roadmap_alignment, roadmap_progress, roadmap_step, initiative_effect.
SELECT
    i.institution_code,
    i.institution_name,
    coalesce((SELECT list(x ORDER BY x.instrument_code, x.year) FROM mart.roadmap_index AS x
        WHERE x.institution_code = i.institution_code), []) AS roadmap_index,
    (SELECT list(a ORDER BY list_position($contents, a.content)) FROM mart.roadmap_alignment AS a
        WHERE a.institution_code = i.institution_code) AS roadmap_alignment,
    coalesce((SELECT list(p ORDER BY p.instrument_code, CAST(split_part(p.indicator_no, '-', 1) AS INTEGER), p.indicator_no, p.year)
        FROM mart.roadmap_progress AS p WHERE p.institution_code = i.institution_code), []) AS roadmap_progress,
    coalesce((SELECT list(s ORDER BY s.year, s.step_no) FROM mart.roadmap_step AS s
        WHERE s.institution_code = i.institution_code AND ($opd IS NULL OR upper(s.opd_code) = upper($opd))), []) AS roadmap_step,
    coalesce((SELECT list(e ORDER BY e.moves_indicator, e.budget_per_point NULLS LAST, e.opd_code, e.object_id) FROM mart.initiative_effect AS e
        WHERE e.institution_code = i.institution_code
            AND ($opd IS NULL OR upper($opd) IN (upper(e.opd_code), upper(e.listed_by_opd_code), upper(e.owner_opd_code)))), []) AS initiative_effect
FROM mart.institution AS i
WHERE ($institution IS NULL OR i.institution_code = $institution)
    AND exists(FROM mart.roadmap_alignment AS a WHERE a.institution_code = i.institution_code)
ORDER BY i.institution_code;
