-- Grain: one row per initiative in force, cancelled ones too.
-- Reads: core.object, read.peta_rencana, judged.initiative, judged.initiative_owner.
CREATE OR REPLACE TABLE core.initiative AS
SELECT
    o.row_key,
    o.institution_code,
    o.opd_code,
    o.listed_by,
    o.object_id,
    o.object_name,
    o.listed_by || '/' || o.object_id AS initiative,
    coalesce(w.opd_code, o.opd_code) AS owner_opd_code,
    i.instrument_code,
    r.content,
    coalesce(r.status, 'planned') <> 'cancelled' AS is_in_force,
    r.consulted,
    r.national_code,
    CAST(r.budget AS DECIMAL(18, 2)) AS budget
FROM core.object AS o
JOIN read.peta_rencana AS r ON o.content_no = r.content_no AND o.row_no = r.row_no
JOIN judged.initiative AS i ON o.row_key = i.row_key
LEFT JOIN judged.initiative_owner AS w ON o.row_key = w.row_key
WHERE o.worksheet = 'Peta Rencana';
