-- Grain: one row per initiative of $institution that isn't cancelled: what it gains; most for its budget first.
-- Reads: mart.initiative_effect.
SELECT opd_code, owner_opd_code, listed_by_opd_code, object_id, object_name, instrument_code, indicators, last_target_year, points_gained, moves_indicator, reason,
    budget, budget_per_point
FROM mart.initiative_effect
WHERE institution_code = $institution
ORDER BY budget_per_point NULLS LAST, opd_code, object_id, listed_by_opd_code;
