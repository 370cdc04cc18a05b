-- Grain: one row per object in force tonight (see core/object.sql).
-- Reads: core.object, core.object_attribute (of those that are new or changed; no other is written).
SELECT
    o.institution_code, o.listed_by, o.worksheet, o.object_id, o.opd_code, o.object_kind, o.row_hash, o.is_derived, o.object_name,
    o.name_key, o.body_hash, o.workbook, o.row_no, o.cell, a.attributes
FROM core.object AS o
LEFT JOIN core.object_attribute AS a USING (row_key);
