-- Grain: one row per domain of one institution, year and stage, on the institution's latest night.
-- Reads: mart.domain_snapshot, mart.institution.
SELECT d.domain_no, d.domain_name, d.domain_value
FROM mart.domain_snapshot AS d
SEMI JOIN mart.institution AS n USING (institution_code, snapshot_on)
WHERE d.institution_code = $institution AND d.year = $year AND d.stage = $stage
ORDER BY d.domain_no;
