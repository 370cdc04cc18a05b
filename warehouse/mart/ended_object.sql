-- Grain: one row per object and unbroken stretch of nights that has ended.
-- Reads: history.object.
SELECT institution_code, opd_code, listed_by AS listed_by_opd_code, worksheet, object_id, is_derived AS is_id_derived, object_kind,
    object_name, attributes, valid_from, valid_to, workbook, row_no, cell
FROM history.object
WHERE valid_to IS NOT NULL;
