-- Grain: one row per institution.
-- Reads: core.institution.
SELECT institution_code, institution_name, institution_kind, timezone, getvariable('snapshot_on') AS snapshot_on
FROM core.institution;
