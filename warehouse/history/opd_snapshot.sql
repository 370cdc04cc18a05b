-- Grain: one row per institution, year with answers and OPD tonight.
-- Reads: core.stage, core.opd, core.proposal, judged.submission, judged.rejected, judged.finding, figures.opd_blocker,
--        source, ref.indicator, ref.instrument.
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
        s.source_no,
        s.year,
        count(*) FILTER (NOT s.is_blank AND x.row_key IS NULL) AS accepted_count,
        count(x.row_key) AS rejected_count
    FROM judged.submission AS s
    LEFT JOIN judged.rejected AS x ON x.suite = 'submission' AND s.row_key = x.row_key
    GROUP BY ALL
),
warned AS (
    SELECT institution_code, year, opd_code, count(*) AS warning_count
    FROM judged.finding
    WHERE severity = 'warning'
    GROUP BY ALL
),
blocked AS (
    SELECT institution_code, year, opd_code, sum(points_blocked) AS points_blocked
    FROM figures.opd_blocker
    GROUP BY ALL
)
SELECT
    o.institution_code,
    g.year,
    o.opd_code,
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
LEFT JOIN warned AS w ON o.institution_code = w.institution_code AND g.year = w.year AND o.opd_code = w.opd_code
LEFT JOIN blocked AS b ON o.institution_code = b.institution_code AND g.year = b.year AND o.opd_code = b.opd_code
LEFT JOIN source AS r ON o.institution_code = r.institution_code AND o.opd_code = r.opd_code
    AND r.worksheet = 'Penilaian'
LEFT JOIN counted AS n ON r.source_no = n.source_no AND g.year = n.year;
