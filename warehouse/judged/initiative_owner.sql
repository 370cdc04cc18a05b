-- Grain: one row per initiative that names who is responsible; opd_code: the OPD meant, by its code or its name.
-- Reads: judged.initiative, core.opd.
CREATE OR REPLACE TABLE judged.initiative_owner AS
SELECT i.row_key, i.source_no, i.owner, coalesce(c.opd_code, n.opd_code) AS opd_code
FROM judged.initiative AS i
LEFT JOIN core.opd AS c ON i.institution_code = c.institution_code AND upper(i.owner) = upper(c.opd_code)
LEFT JOIN (
    SELECT institution_code, loosened(opd_name) AS opd_key, min(opd_code) AS opd_code FROM core.opd GROUP BY ALL HAVING count(*) = 1
) AS n ON i.institution_code = n.institution_code AND loosened(i.owner) = n.opd_key
WHERE said(i.owner) IS NOT NULL;
