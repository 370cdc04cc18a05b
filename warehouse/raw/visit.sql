-- Grain: one row per institution whose workbooks this run asked for, added to history.visit.
-- Reads: weighed_fetch.
INSERT INTO history.visit BY NAME
SELECT
    run_no,
    snapshot_on,
    institution_code,
    NOT bool_or(is_unchanged) AS is_full,
    getvariable('reading_version') AS reading_version
FROM weighed_fetch
GROUP BY ALL;
