-- Grain: one row per workbook that couldn't be used on the institution's latest night.
-- Reads: weighed_fetch, raw.fetch, tonight.
SELECT
    f.institution_code,
    nullif(f.opd_code, '') AS opd_code,
    f.workbook,
    f.snapshot_on,
    f.reason,
    last_good_on(f.institution_code, f.opd_code) AS last_good_on
FROM weighed_fetch AS f
JOIN tonight USING (institution_code)
WHERE f.state <> 'good';
