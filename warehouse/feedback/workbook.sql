-- Grain: one row per OPD workbook asked for in the latest run, of the institutions that it built.
-- Reads: raw.fetch, history.run, history.night, core.opd, read.source.
-- Why:   what we find in force stands beside what was found of our own marks, so only a difference is written.
SELECT
    f.institution_code,
    f.opd_code,
    o.opd_name,
    f.workbook,
    f.state = 'good' AS is_good,
    f.reason,
    f.statuses_hash,
    f.summary_hash,
    s.content_hash,
    g.last_good_on,
    r.snapshot_on
FROM raw.fetch AS f
JOIN (FROM history.run QUALIFY run_no = max(run_no) OVER ()) AS r ON f.run_no = r.run_no AND r.state <> 'refused'
JOIN history.night AS n ON f.institution_code = n.institution_code AND r.run_id = n.run_id
JOIN core.opd AS o ON f.institution_code = o.institution_code AND f.opd_code = o.opd_code
LEFT JOIN (
    SELECT institution_code, opd_code, max(snapshot_on) AS last_good_on FROM raw.fetch WHERE state = 'good' GROUP BY ALL
) AS g ON f.institution_code = g.institution_code AND f.opd_code = g.opd_code
LEFT JOIN read.source AS s ON f.institution_code = s.institution_code AND f.opd_code = s.opd_code
    AND s.worksheet = 'Penilaian'
ORDER BY f.institution_code, f.opd_code;
