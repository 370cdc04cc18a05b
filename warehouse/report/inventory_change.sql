-- Grain: the sixteen latest changes of the last seven nights to objects of $institution, those that are rare first: one row per object and night.
-- Reads: mart.inventory_change, mart.institution.
-- Why:   a page shows fifteen and says whether there are more; on the first night of an inventory everything is new, which is counted and not listed.
SELECT c.snapshot_on, c.opd_code, c.worksheet, c.object_id, c.object_name, c.change_kind, c.changed_fields
FROM mart.inventory_change AS c
JOIN mart.institution AS i USING (institution_code)
WHERE c.institution_code = $institution
    AND c.snapshot_on > i.snapshot_on - 7
    AND c.snapshot_on > (SELECT min(snapshot_on) FROM mart.inventory_change WHERE institution_code = $institution)
ORDER BY
    c.snapshot_on DESC,
    list_position(['retired', 'handed_over', 'returned', 'new', 'changed'], c.change_kind),
    c.opd_code,
    c.worksheet,
    c.object_id
LIMIT 16;
