-- Grain: one row per workbook asked for in this run, with what became of it.
-- Reads: landed_workbook, landed_worksheet (this run), raw.fetch, history.visit (runs before), landed_accepted (OPD whose loss
--        is accepted).
-- Why:   one that loses more than the allowed share of its answers at once is hollow: an emptied or overwritten sheet must
--        not pass for a withdrawal. The same content on a third night is believed. What's as it was adds no row to raw.
CREATE OR REPLACE TEMP TABLE weighed_fetch AS
WITH latest AS (
    FROM raw.fetch QUALIFY run_no = max(run_no) OVER (PARTITION BY institution_code, opd_code)
),
last_good AS (
    FROM raw.fetch
    WHERE state = 'good'
    QUALIFY run_no = max(run_no) OVER (PARTITION BY institution_code, opd_code)
),
last_good_before AS (
    SELECT institution_code, opd_code, arg_max(answered_count, run_no) AS answered_count
    FROM raw.fetch
    WHERE state = 'good' AND snapshot_on < getvariable('snapshot_on')
    GROUP BY ALL
),
visited AS (
    SELECT v.institution_code, f.opd_code, v.snapshot_on, v.run_no, f.state, f.judged_hash
    FROM latest AS l
    LEFT JOIN last_good AS g USING (institution_code, opd_code)
    JOIN raw.fetch AS f ON l.institution_code = f.institution_code AND l.opd_code = f.opd_code
        AND f.run_no > coalesce(g.run_no, -1)
    JOIN history.visit AS v ON f.institution_code = v.institution_code AND f.run_no <= v.run_no
    WHERE l.state <> 'good' AND v.snapshot_on < getvariable('snapshot_on')
    QUALIFY f.run_no = max(f.run_no) OVER (PARTITION BY v.run_no, f.institution_code, f.opd_code)
),
troubled AS (
    FROM visited WHERE state IN ('failed', 'hollow')
),
troubled_night AS (
    SELECT institution_code, opd_code, snapshot_on, arg_max(judged_hash, run_no) AS judged_hash
    FROM troubled
    GROUP BY ALL
),
patience AS (
    SELECT institution_code, opd_code, list(judged_hash ORDER BY snapshot_on DESC)[:getvariable('hollow_nights') - 1] AS hashes
    FROM troubled_night
    GROUP BY ALL
),
content AS (
    SELECT institution_code, opd_code, md5(string_agg(worksheet || content_hash, ',' ORDER BY worksheet, content_hash)) AS contents_hash
    FROM landed_worksheet
    GROUP BY ALL
),
weighed AS (
    SELECT
        l.* EXCLUDE (worksheets) REPLACE (CASE WHEN l.is_unchanged THEN g.answered_count ELSE l.answered_count END AS answered_count),
        b.answered_count AS answered_last_night,
        coalesce(c.contents_hash, '') AS contents_hash,
        g.answered_count AS answered_before,
        g.contents_hash AS contents_before,
        NOT l.is_unchanged
        AND l.opd_code <> ''
        AND l.answered_count * 100 < g.answered_count * (100 - getvariable('hollow_loss_pct'))
        AND NOT exists(FROM landed_accepted AS a WHERE upper(a.code) = upper(l.opd_code))
        AND (
            len(coalesce(p.hashes, [])) < getvariable('hollow_nights') - 1
            OR len(list_filter(p.hashes, lambda h: h <> l.judged_hash)) > 0
        ) AS is_hollow
    FROM landed_workbook AS l
    LEFT JOIN content AS c USING (institution_code, opd_code)
    LEFT JOIN last_good AS g USING (institution_code, opd_code)
    LEFT JOIN last_good_before AS b USING (institution_code, opd_code)
    LEFT JOIN patience AS p USING (institution_code, opd_code)
),
told AS (
    SELECT
        * EXCLUDE (reason, is_hollow),
        CASE WHEN reason <> '' THEN 'failed' WHEN is_hollow THEN 'hollow' ELSE 'good' END AS state,
        CASE
            WHEN reason = '' AND is_hollow THEN format(
                '{}: jawaban turun dari {} menjadi {} baris sekaligus, jadi isian terakhir yang utuh tetap dipakai. Pulihkan isinya, atau kabari Dinas Kominfo bila memang dikosongkan. Dinas Kominfo menerimanya dengan: spbe-etl run --accept {}',
                workbook, answered_before, answered_count, opd_code)
            ELSE reason
        END AS reason
    FROM weighed
)
SELECT
    getvariable('run_no') AS run_no,
    getvariable('snapshot_on') AS snapshot_on,
    t.* EXCLUDE (answered_before, contents_before),
    NOT t.is_unchanged AND t.contents_before IS DISTINCT FROM t.contents_hash AS is_read_anew,
    NOT t.is_unchanged AND (
        l.run_no IS NULL
        OR (t.source_key, t.workbook, t.state, t.reason, t.contents_hash, t.version, t.statuses_hash, t.summary_hash)
        IS DISTINCT FROM (l.source_key, l.workbook, l.state, l.reason, l.contents_hash, l.version, l.statuses_hash, l.summary_hash)
    ) AS is_new
FROM told AS t
LEFT JOIN latest AS l USING (institution_code, opd_code);
