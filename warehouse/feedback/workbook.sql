-- Grain: one row per OPD workbook that's asked for, of the institutions that the latest run built.
-- Reads: tonight, raw.fetch, raw.content, core.opd, source.
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
    c.content_hash,
    last_good_on(f.institution_code, f.opd_code, f.known_run_no) AS last_good_on,
    getvariable('snapshot_on') AS snapshot_on
FROM (
    SELECT k.*, t.run_no AS known_run_no
    FROM raw.fetch AS k
    JOIN tonight AS t ON k.institution_code = t.institution_code AND k.run_no <= t.run_no
    QUALIFY k.run_no = max(k.run_no) OVER (PARTITION BY k.institution_code, k.opd_code)
) AS f
JOIN core.opd AS o ON f.institution_code = o.institution_code AND f.opd_code = o.opd_code
LEFT JOIN source AS s ON f.institution_code = s.institution_code AND f.opd_code = s.opd_code AND s.worksheet = 'Penilaian'
LEFT JOIN raw.content AS c ON s.content_no = c.content_no
WHERE f.state <> 'left'
ORDER BY f.institution_code, f.opd_code;
