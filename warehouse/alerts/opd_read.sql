-- Grain: one row per institution: the OPD of its register whose workbooks were read, tonight or before.
-- Reads: mart.institution, mart.opd_snapshot.
SELECT o.institution_code, list(DISTINCT o.opd_code) AS opd_codes
FROM mart.opd_snapshot AS o
SEMI JOIN mart.institution AS i USING (institution_code, snapshot_on)
WHERE o.last_changed_on IS NOT NULL
GROUP BY ALL;
