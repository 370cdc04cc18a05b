-- Grain: one row per workbook asked for in this run, added to raw.fetch.
-- Reads: landed_fetch (this run), raw.fetch (runs before), landed_accepted (OPD whose loss is accepted).
-- Why:   a workbook that's still at its known version stands for its last good read; one that loses more than the
--        allowed share of its answers at once is hollow: an emptied or overwritten sheet must not pass for a
--        withdrawal. The same content on a third night is believed.
INSERT INTO raw.fetch BY NAME
WITH last_good AS (
    SELECT
        institution_code,
        opd_code,
        max(run_no) AS run_no,
        arg_max(answered_count, run_no) AS answered_count,
        arg_max(judged_hash, run_no) AS judged_hash,
        arg_max(fetched_at, run_no) AS fetched_at,
        arg_max(coalesce(read_run_no, run_no), run_no) AS read_run_no,
        arg_max(statuses_hash, run_no) AS statuses_hash,
        arg_max(summary_hash, run_no) AS summary_hash
    FROM raw.fetch
    WHERE state = 'good'
    GROUP BY ALL
),
landed AS (
    -- of a workbook that's still what it was, the last good read is tonight's
    SELECT
        l.* REPLACE (
            CASE WHEN l.is_unchanged THEN g.answered_count ELSE l.answered_count END AS answered_count,
            CASE WHEN l.is_unchanged THEN g.judged_hash ELSE l.judged_hash END AS judged_hash,
            CASE WHEN l.is_unchanged THEN g.fetched_at ELSE l.fetched_at END AS fetched_at,
            CASE WHEN l.is_unchanged THEN g.statuses_hash ELSE l.statuses_hash END AS statuses_hash,
            CASE WHEN l.is_unchanged THEN g.summary_hash ELSE l.summary_hash END AS summary_hash
        ),
        CASE WHEN l.is_unchanged THEN g.read_run_no ELSE getvariable('run_no') END AS read_run_no
    FROM landed_fetch AS l
    LEFT JOIN last_good AS g USING (institution_code, opd_code)
),
hollow_night AS (
    SELECT f.institution_code, f.opd_code, f.snapshot_on, arg_max(f.judged_hash, f.run_no) AS judged_hash
    FROM raw.fetch AS f
    LEFT JOIN last_good AS g USING (institution_code, opd_code)
    WHERE f.state <> 'good' AND f.run_no > coalesce(g.run_no, -1) AND f.snapshot_on < getvariable('snapshot_on')
    GROUP BY ALL
),
patience AS (
    SELECT institution_code, opd_code, list(judged_hash ORDER BY snapshot_on DESC)[:getvariable('hollow_nights') - 1] AS hashes
    FROM hollow_night
    GROUP BY ALL
),
weighed AS (
    SELECT
        l.*,
        g.answered_count AS answered_before,
        l.opd_code <> ''
        AND l.answered_count * 100 < g.answered_count * (100 - getvariable('hollow_loss_pct'))
        AND NOT exists(FROM landed_accepted AS a WHERE upper(a.code) = upper(l.opd_code))
        AND (
            len(coalesce(p.hashes, [])) < getvariable('hollow_nights') - 1
            OR len(list_filter(p.hashes, lambda h: h <> l.judged_hash)) > 0
        ) AS is_hollow
    FROM landed AS l
    LEFT JOIN last_good AS g USING (institution_code, opd_code)
    LEFT JOIN patience AS p USING (institution_code, opd_code)
)
SELECT
    getvariable('run_no') AS run_no,
    getvariable('snapshot_on') AS snapshot_on,
    source_key,
    institution_code,
    opd_code,
    workbook,
    fetched_at,
    answered_count,
    judged_hash,
    version,
    read_run_no,
    statuses_hash,
    summary_hash,
    CASE WHEN reason <> '' THEN 'failed' WHEN is_hollow THEN 'hollow' ELSE 'good' END AS state,
    CASE
        WHEN reason = '' AND is_hollow THEN format(
            '{}: jawaban turun dari {} menjadi {} baris sekaligus, jadi isian terakhir yang utuh tetap dipakai. Pulihkan isinya, atau kabari Dinas Kominfo bila memang dikosongkan. Dinas Kominfo menerimanya dengan: spbe-etl run --accept {}',
            workbook, answered_before, answered_count, opd_code)
        ELSE reason
    END AS reason
FROM weighed;
