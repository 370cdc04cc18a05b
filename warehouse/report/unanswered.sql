-- Grain: one row per indicator of $institution, $year, $stage that counts the lowest score for want of any.
-- Reads: mart.indicator_snapshot.
SELECT indicator_no
FROM mart.indicator_snapshot
WHERE institution_code = $institution AND year = $year AND stage = $stage AND NOT is_answered
ORDER BY TRY_CAST(split_part(indicator_no, '-', 1) AS INTEGER), indicator_no;
