-- Grain: one row per institution, OPD, worksheet, year, indicator, column, rule and finding, by row too where year or
--        indicator can't be read; each unbroken stretch of nights once.
-- Reads: history.rejection, history.night.
SELECT
    r.institution_code,
    r.opd_code,
    r.workbook,
    r.worksheet,
    r.year,
    r.indicator_no,
    r.row_no,
    r.cell,
    r.column_name,
    r.found,
    r.rule_code,
    r.severity,
    r.message,
    r.valid_from AS first_seen_on,
    n.snapshot_on AS last_seen_on,
    r.valid_to AS resolved_on
FROM history.rejection AS r
ASOF JOIN history.night AS n ON r.institution_code = n.institution_code AND coalesce(r.valid_to, DATE '9999-12-31') > n.snapshot_on;
