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
    (SELECT max(n.snapshot_on) FROM history.night AS n
        WHERE n.institution_code = r.institution_code AND (r.valid_to IS NULL OR n.snapshot_on < r.valid_to)) AS last_seen_on,
    r.valid_to AS resolved_on
FROM history.rejection AS r;
