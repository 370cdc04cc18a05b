-- Grain: one row per OPD that anything published names.
-- Reads: mart.opd_snapshot, mart.rejected_row, mart.indicator_snapshot, mart.architecture_coverage, mart.inventory_change.
SELECT opd_code AS code FROM mart.opd_snapshot
UNION
SELECT opd_code FROM mart.rejected_row WHERE opd_code IS NOT NULL
UNION
SELECT opd_code FROM mart.indicator_snapshot WHERE opd_code IS NOT NULL
UNION
SELECT opd_code FROM mart.architecture_coverage
UNION
SELECT unnest([opd_code, listed_by_opd_code]) FROM mart.inventory_change
ORDER BY code;
