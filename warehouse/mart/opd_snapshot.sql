-- Grain: one row per institution, year with answers, OPD and night.
-- Reads: core.stage, core.opd, core.proposal, judged.submission, judged.outcome, judged.finding, mart.opd_blocker,
--        read.source, ref.indicator, ref.instrument.
WITH carried AS (
    SELECT
        p.institution_code,
        p.year,
        p.opd_code,
        count(*) AS carried_count,
        count(p.score_units) AS answered_count,
        sum(exact(coalesce(p.score_units, i.lowest_score * 10000) * n.weight_units, i.unit_total * 10000)) AS points_carried
    FROM core.proposal AS p
    JOIN ref.indicator AS n USING (instrument_code, indicator_no)
    JOIN ref.instrument AS i USING (instrument_code)
    WHERE p.opd_code IS NOT NULL
    GROUP BY ALL
),
counted AS (
    SELECT
        s.institution_code,
        s.year,
        s.opd_code,
        count(*) FILTER (o.outcome = 'accepted') AS accepted_count,
        count(*) FILTER (o.outcome = 'rejected') AS rejected_count
    FROM judged.submission AS s
    JOIN judged.outcome AS o ON o.suite = 'submission' AND o.row_key = s.row_key
    GROUP BY ALL
),
warned AS (
    SELECT institution_code, year, opd_code, count(*) AS warning_count
    FROM judged.finding
    WHERE severity = 'warning'
    GROUP BY ALL
),
blocked AS (
    SELECT b.institution_code, b.year, b.opd_code, sum(b.points_blocked) AS points_blocked
    FROM mart.opd_blocker AS b
    JOIN tonight USING (institution_code)
    GROUP BY ALL
)
SELECT
    o.institution_code,
    g.year,
    o.opd_code,
    getvariable('snapshot_on') AS snapshot_on,
    o.opd_name,
    coalesce(c.carried_count, 0) AS carried_count,
    coalesce(c.answered_count, 0) AS answered_count,
    coalesce(n.accepted_count, 0) AS accepted_count,
    coalesce(n.rejected_count, 0) AS rejected_count,
    coalesce(w.warning_count, 0) AS warning_count,
    CASE WHEN c.carried_count > 0 THEN percent(c.answered_count, c.carried_count) END AS completeness_pct,
    coalesce(c.points_carried, 0) AS points_carried,
    coalesce(b.points_blocked, 0) AS points_blocked,
    r.unchanged_since AS last_changed_on,
    coalesce(r.is_stale, false) AS is_stale
FROM core.stage AS g
JOIN core.opd AS o ON g.institution_code = o.institution_code AND g.stage = 'proposed'
LEFT JOIN carried AS c ON o.institution_code = c.institution_code AND g.year = c.year AND o.opd_code = c.opd_code
LEFT JOIN counted AS n ON o.institution_code = n.institution_code AND g.year = n.year AND o.opd_code = n.opd_code
LEFT JOIN warned AS w ON o.institution_code = w.institution_code AND g.year = w.year AND o.opd_code = w.opd_code
LEFT JOIN blocked AS b ON o.institution_code = b.institution_code AND g.year = b.year AND o.opd_code = b.opd_code
LEFT JOIN read.source AS r ON o.institution_code = r.institution_code AND o.opd_code = r.opd_code
    AND r.worksheet = 'Penilaian';
