-- Grain: one row per institution, all or $institution: its latest night and the run that built it.
-- Reads: mart.institution, mart.night, mart.run.
SELECT
    i.institution_code,
    coalesce(i.institution_name, i.institution_code) AS institution_name,
    i.institution_kind,
    i.snapshot_on,
    n.run_id,
    r.finished_at,
    r.code_version,
    r.rule_version
FROM mart.institution AS i
JOIN mart.night AS n USING (institution_code, snapshot_on)
LEFT JOIN mart.run AS r USING (run_id)
WHERE $institution IS NULL OR i.institution_code = $institution
ORDER BY i.institution_code;
