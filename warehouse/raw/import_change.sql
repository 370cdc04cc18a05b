-- Grain: one row: how many figures of a file are other than those in force, or are gone with it.
-- Reads: landed_import, core.imported_figure.
SELECT
    (SELECT count(*) FROM (FROM landed_import EXCEPT SELECT portal_code, institution, institution_kind, region, year, part, printed FROM core.imported_figure))
    + (SELECT count(*) FROM core.imported_figure
        SEMI JOIN landed_import USING (portal_code, year)
        ANTI JOIN landed_import USING (portal_code, year, part)) AS changed;
