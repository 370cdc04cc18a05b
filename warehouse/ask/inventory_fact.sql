-- Grain: as in mart.indicator_fact: one row per institution, year, indicator and fact; what disagrees first.
-- Reads: mart.indicator_fact.
SELECT *
FROM mart.indicator_fact
WHERE ($institution IS NULL OR institution_code = $institution) AND ($opd IS NULL OR upper(opd_code) = upper($opd))
ORDER BY institution_code, year DESC, list_position(['claim_above', 'claim_below', 'no_claim', 'no_data', 'agrees'], finding),
    CAST(split_part(indicator_no, '-', 1) AS INTEGER), indicator_no, fact_code;
