-- Grain: as in mart.{table}: one row per object of one of the inventories that was in force on a night. Filled in: {table}.
-- Reads: mart.{table}_as_of.
SELECT *
FROM mart.{table}_as_of($as_of)
WHERE ($institution IS NULL OR institution_code = $institution)
    AND ($opd IS NULL OR upper($opd) IN (upper(opd_code), upper(listed_by_opd_code)))
ORDER BY institution_code, opd_code, object_id, listed_by_opd_code;
