-- Grain: one row per institution and stage in which an indicator of a year counts, as known on a night, with what was
--        found wrong with its answers.
-- Reads: mart.provenance, mart.night, mart.institution, mart.rejected_row.
SELECT
    p.*,
    i.institution_name,
    coalesce((
        SELECT list({'opd_code': x.opd_code, 'workbook': x.workbook, 'worksheet': x.worksheet, 'cell': x.cell,
            'severity': x.severity, 'message': x.message} ORDER BY x.opd_code, x.cell, x.rule_code)
        FROM mart.rejected_row AS x
        WHERE x.institution_code = p.institution_code AND x.year = p.year AND x.indicator_no = p.indicator_no
            AND x.first_seen_on <= p.snapshot_on AND (x.resolved_on IS NULL OR x.resolved_on > p.snapshot_on)), []) AS findings
FROM mart.provenance AS p
LEFT JOIN mart.institution AS i USING (institution_code)
WHERE p.year = $year
    AND p.indicator_no = $indicator
    AND ($institution IS NULL OR upper(p.institution_code) = upper($institution))
    AND ($stage IS NULL OR p.stage = $stage)
    AND p.snapshot_on = (
        SELECT max(n.snapshot_on) FROM mart.night AS n
        WHERE n.institution_code = p.institution_code AND n.snapshot_on <= CAST($as_of AS DATE))
ORDER BY p.institution_code, list_position($stages, p.stage);
