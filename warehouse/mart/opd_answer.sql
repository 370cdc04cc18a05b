-- Grain: one row per institution, year, OPD and indicator that it carries, whose practice gate it decides, or that it answered;
--        on the latest night. score: its own accepted answer, or where it's asked and has none the one handed over to it by an
--        OPD that was merged into it.
-- Reads: core.proposal, core.practice, core.counted_answer, core.opd, core.stage, judged.submission, judged.rejected, source, read.column, read.penilaian,
--        ref.indicator.
-- Why:   an answer that was rejected once and accepted in another row counts as accepted; what another agency scores, no OPD can answer.
WITH told AS (
    SELECT institution_code, year, indicator_no, opd_code, 1 AS role_no, CAST(NULL AS INTEGER) AS gate_level, CAST(NULL AS BIGINT) AS score_units,
        false AS is_rejected, CAST(NULL AS INTEGER) AS source_no, CAST(NULL AS BIGINT) AS content_no, CAST(NULL AS INTEGER) AS row_no
    FROM core.proposal
    WHERE opd_code IS NOT NULL
    UNION ALL BY NAME
    SELECT institution_code, year, indicator_no, opd_code, 2 AS role_no, CAST(gate_units // 10000 AS INTEGER) AS gate_level
    FROM core.practice
    UNION ALL BY NAME
    SELECT o.institution_code, a.year, a.indicator_no, o.opd_code, CASE WHEN a.source_no = o.source_no THEN 3 END AS role_no, a.score_units,
        false AS is_rejected, a.source_no, a.content_no, a.row_no
    FROM core.counted_answer AS a
    JOIN core.opd AS o USING (opd_no)
    UNION ALL BY NAME
    SELECT o.institution_code, s.year, s.indicator_no, o.opd_code, 3 AS role_no, true AS is_rejected
    FROM judged.submission AS s
    JOIN judged.rejected AS x ON s.row_key = x.row_key AND x.suite = 'submission'
    JOIN source AS o ON s.source_no = o.source_no
    WHERE s.indicator_state = 'known'
),
gathered AS (
    SELECT
        institution_code,
        year,
        indicator_no,
        opd_code,
        min(role_no) AS role_no,
        max(gate_level) AS gate_level,
        max(score_units) AS score_units,
        bool_or(coalesce(is_rejected, false)) AS is_rejected,
        any_value(source_no) AS source_no,
        any_value(content_no) AS content_no,
        any_value(row_no) AS row_no
    FROM told
    SEMI JOIN core.stage USING (institution_code, year)
    GROUP BY ALL
    HAVING min(role_no) IS NOT NULL
),
external AS (
    SELECT p.institution_code, p.year, p.indicator_no
    FROM core.proposal AS p
    JOIN ref.indicator AS n USING (instrument_code, indicator_no)
    WHERE n.is_external
)
SELECT
    g.institution_code,
    g.year,
    g.opd_code,
    g.indicator_no,
    CASE g.role_no WHEN 1 THEN 'carrier' WHEN 2 THEN 'scope' ELSE 'supporter' END AS role,
    g.gate_level,
    unit_score(g.score_units) AS score,
    CASE WHEN g.score_units IS NOT NULL THEN 'accepted' WHEN g.is_rejected THEN 'rejected'
        WHEN x.indicator_no IS NOT NULL THEN 'external' ELSE 'no_answer' END AS answer,
    o.opd_code AS answer_opd_code,
    o.workbook,
    o.worksheet,
    coalesce(w.score_place, column_letter(k.col_no) || g.row_no) AS cell
FROM gathered AS g
LEFT JOIN external AS x USING (institution_code, year, indicator_no)
LEFT JOIN source AS o USING (source_no)
LEFT JOIN read.column AS k ON g.content_no = k.content_no AND k.field = 'score'
LEFT JOIN (SELECT content_no, row_no, score_place FROM read.penilaian WHERE score_place IS NOT NULL) AS w
    ON g.content_no = w.content_no AND g.row_no = w.row_no;
