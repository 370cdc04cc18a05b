-- Grain: one row per OPD that carries indicators of one institution and year, on the institution's latest night; least complete first.
-- Reads: mart.opd_snapshot, mart.institution.
SELECT o.opd_code, o.opd_name, o.carried_count, o.answered_count, o.completeness_pct
FROM mart.opd_snapshot AS o
SEMI JOIN mart.institution AS n USING (institution_code, snapshot_on)
WHERE o.institution_code = $institution AND o.year = $year AND o.completeness_pct IS NOT NULL
ORDER BY o.completeness_pct, o.opd_code;
