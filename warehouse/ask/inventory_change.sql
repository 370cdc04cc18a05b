-- Grain: as in mart.inventory_change: one row per object and night on which something came of it; the latest night first.
-- Reads: mart.inventory_change, mart.institution.
-- Why:   of one night, of nights since one, or of the last $days nights of each institution.
SELECT c.*
FROM mart.inventory_change AS c
JOIN mart.institution AS i USING (institution_code)
WHERE ($institution IS NULL OR c.institution_code = $institution)
    AND ($opd IS NULL OR upper($opd) IN (upper(c.opd_code), upper(c.listed_by_opd_code)))
    AND c.snapshot_on >= coalesce(CAST($since AS DATE), i.snapshot_on - CAST($days AS INTEGER) + 1)
    AND c.snapshot_on <= coalesce(CAST($until AS DATE), c.snapshot_on)
ORDER BY c.institution_code, c.snapshot_on DESC, c.opd_code, c.worksheet, c.object_id, c.listed_by_opd_code, c.change_kind;
