-- Grain: one row per workbook of this run that isn't as it was, or isn't asked for any more; added to raw.fetch.
-- Reads: weighed_fetch, raw.fetch (runs before).
INSERT INTO raw.fetch BY NAME
SELECT * EXCLUDE (is_unchanged, is_read_anew, is_new, answered_last_night) FROM weighed_fetch WHERE is_new
UNION ALL BY NAME
SELECT
    * REPLACE (
        getvariable('run_no') AS run_no, getvariable('snapshot_on') AS snapshot_on, 'left' AS state, '' AS reason,
        '' AS contents_hash, '' AS version)
FROM (FROM raw.fetch QUALIFY run_no = max(run_no) OVER (PARTITION BY institution_code, opd_code)) AS l
WHERE l.state <> 'left'
    AND l.institution_code IN (SELECT institution_code FROM weighed_fetch WHERE opd_code = '')
    AND NOT exists(FROM weighed_fetch AS w WHERE w.institution_code = l.institution_code AND w.opd_code = l.opd_code);
