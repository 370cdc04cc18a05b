-- Grain: one row per published institution: its name, zone and latest night.
-- Reads: mart.institution.
SELECT institution_code, institution_name, timezone, snapshot_on
FROM mart.institution
ORDER BY institution_code;
