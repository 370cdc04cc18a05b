-- Grain: one row per institution, year and indicator with a proposed score, and what an assessor has to know of it.
-- Reads: mart.indicator_snapshot, mart.indicator_history, mart.evidence, mart.opd_blocker, mart.rejected_row,
--        mart.indicator_fact.
WITH answered AS (
    SELECT institution_code, year, indicator_no, opd_code, min(explanation) AS explanation, max(evidence_on) AS evidence_on,
        string_agg(url, chr(10) ORDER BY url) AS evidence
    FROM mart.evidence
    GROUP BY ALL
),
held AS (
    SELECT institution_code, year, indicator_no,
        string_agg(format('{} ({})', opd_code, coalesce(CAST(CAST(opd_score AS INTEGER) AS VARCHAR), 'belum menjawab')), ', ' ORDER BY opd_code) AS holders
    FROM mart.opd_blocker
    GROUP BY ALL
),
found AS (
    SELECT institution_code, year, indicator_no, string_agg(format('{}: {}', coalesce(opd_code, 'register'), message), chr(10) ORDER BY opd_code, cell, rule_code) AS findings
    FROM mart.rejected_row
    WHERE resolved_on IS NULL AND worksheet = 'Penilaian'
    GROUP BY ALL
),
fact AS (
    SELECT institution_code, year, indicator_no, string_agg(note, chr(10) ORDER BY fact_code) AS facts
    FROM mart.indicator_fact
    GROUP BY ALL
)
SELECT
    s.institution_code,
    s.year,
    s.instrument_code,
    s.indicator_no,
    s.indicator_name,
    s.weight_pct,
    s.opd_code,
    h.claimed_score,
    CASE WHEN s.is_answered THEN s.score END AS score,
    b.holders,
    a.explanation,
    a.evidence,
    a.evidence_on,
    f.findings,
    n.facts,
    (SELECT arg_max(o.score, o.year) FROM mart.indicator_snapshot AS o
        WHERE o.institution_code = s.institution_code AND o.instrument_code = s.instrument_code AND o.indicator_no = s.indicator_no
            AND o.stage = 'official' AND o.is_answered AND o.year < s.year) AS last_official,
    v.score AS verdict,
    s.snapshot_on,
    s.workbook,
    s.cell
FROM mart.indicator_snapshot AS s
LEFT JOIN mart.indicator_history AS h ON s.institution_code = h.institution_code AND s.year = h.year AND s.stage = h.stage
    AND s.indicator_no = h.indicator_no AND h.valid_to IS NULL
LEFT JOIN mart.indicator_history AS v ON s.institution_code = v.institution_code AND s.year = v.year AND v.stage = 'confirmed'
    AND s.indicator_no = v.indicator_no AND v.valid_to IS NULL AND v.worksheet = 'Verifikasi'
LEFT JOIN answered AS a ON s.institution_code = a.institution_code AND s.year = a.year AND s.indicator_no = a.indicator_no AND coalesce(s.answer_opd_code, s.opd_code) = a.opd_code
LEFT JOIN held AS b ON s.institution_code = b.institution_code AND s.year = b.year AND s.indicator_no = b.indicator_no
LEFT JOIN found AS f ON s.institution_code = f.institution_code AND s.year = f.year AND s.indicator_no = f.indicator_no
LEFT JOIN fact AS n ON s.institution_code = n.institution_code AND s.year = n.year AND s.indicator_no = n.indicator_no
WHERE s.stage = 'proposed'
    AND ($institution IS NULL OR s.institution_code = $institution)
    AND ($year IS NULL OR s.year = $year)
ORDER BY s.institution_code, s.year, s.aspect_no, length(s.indicator_no), s.indicator_no;
