-- Grain: one row per year, indicator and fact of the inventories of $institution; where they disagree first.
-- Reads: mart.indicator_fact, mart.indicator_snapshot.
SELECT f.* EXCLUDE (institution_code), s.indicator_name
FROM mart.indicator_fact AS f
LEFT JOIN (SELECT DISTINCT institution_code, year, indicator_no, indicator_name FROM mart.indicator_snapshot) AS s USING (institution_code, year, indicator_no)
WHERE f.institution_code = $institution
ORDER BY
    list_position(['claim_above', 'claim_below', 'no_claim', 'agrees', 'no_data'], f.finding),
    f.year DESC,
    TRY_CAST(split_part(f.indicator_no, '-', 1) AS INTEGER),
    f.indicator_no,
    f.fact_code;
