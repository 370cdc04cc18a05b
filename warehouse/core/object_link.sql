-- Grain: one row per object in force, field that refers to another, and the object in force that's meant.
-- Reads: judged.reference, core.object.
CREATE OR REPLACE TABLE core.object_link AS
SELECT DISTINCT f.institution_code, r.field, r.row_key AS from_row_key, r.to_row_key
FROM judged.reference AS r
JOIN core.object AS f ON r.row_key = f.row_key
SEMI JOIN core.object AS t ON r.to_row_key = t.row_key
WHERE r.matches = 1;
