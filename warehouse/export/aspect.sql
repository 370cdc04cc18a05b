-- Grain: one row per aspect of one institution, year and stage, on the institution's latest night.
-- Reads: mart.aspect_snapshot, mart.institution.
SELECT a.aspect_no, a.aspect_name, a.aspect_value
FROM mart.aspect_snapshot AS a
SEMI JOIN mart.institution AS n USING (institution_code, snapshot_on)
WHERE a.institution_code = $institution AND a.year = $year AND a.stage = $stage
ORDER BY a.aspect_no;
