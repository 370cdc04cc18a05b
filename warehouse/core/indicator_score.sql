-- Grain: one row per institution, year, existing stage and indicator of the year's instrument.
-- Reads: core.stage, core.proposal, core.verdict, ref.stage, ref.instrument, ref.indicator, source, raw.content,
--        read.column, read.penilaian, read.verifikasi (where the score's cell is).
-- Why:   a stage takes its own verdict, else the nearest earlier stage's score; the official result never falls back.
--        Without a score an indicator counts the lowest and says that it isn't answered.
CREATE OR REPLACE TABLE core.indicator_score AS
WITH stated AS (
    SELECT institution_code, year, indicator_no, 1 AS stage_no, score_units, claim_units, is_stale, source_no, content_no, row_no
    FROM core.proposal
    WHERE score_units IS NOT NULL
    UNION ALL BY NAME
    SELECT v.institution_code, v.year, v.indicator_no, s.stage_no, v.score_units, v.score_units AS claim_units, v.is_stale,
        v.source_no, v.content_no, v.row_no
    FROM core.verdict AS v
    JOIN ref.stage AS s USING (stage)
),
chosen AS (
    SELECT
        g.institution_code,
        g.year,
        g.stage,
        t.indicator_no,
        arg_max(t, t.stage_no) AS stated
    FROM core.stage AS g
    JOIN stated AS t ON g.institution_code = t.institution_code AND g.year = t.year
        AND (t.stage_no = g.stage_no OR (g.falls_back AND t.stage_no < g.stage_no))
    GROUP BY ALL
),
scored AS (
    SELECT
        g.institution_code,
        g.year,
        g.stage,
        g.instrument_code,
        n.indicator_no,
        n.aspect_no,
        p.opd_code,
        c.stated IS NOT NULL AS is_answered,
        coalesce(c.stated.score_units, i.lowest_score * 10000) AS score_units,
        c.stated.claim_units AS claim_units,
        CASE WHEN c.stated.stage_no > 1 THEN c.stated.score_units END AS verdict_units,
        CASE WHEN coalesce(c.stated.stage_no, 1) = 1 AND g.stage <> 'official' THEN p.is_stale ELSE coalesce(c.stated.is_stale, false) END AS is_stale,
        n.weight_units,
        i.unit_total,
        c.stated.source_no AS source_no,
        c.stated.content_no AS content_no,
        c.stated.row_no AS row_no
    FROM core.stage AS g
    JOIN ref.instrument AS i USING (instrument_code)
    JOIN ref.indicator AS n USING (instrument_code)
    JOIN core.proposal AS p USING (institution_code, year, indicator_no)
    LEFT JOIN chosen AS c USING (institution_code, year, stage, indicator_no)
)
SELECT
    s.* EXCLUDE (source_no, content_no, row_no),
    nullif(o.opd_code, '') AS answer_opd_code,
    o.workbook,
    o.worksheet,
    coalesce(w.score_place, v.score_place, column_letter(k.col_no) || s.row_no) AS cell,
    o.fetched_at,
    c.content_hash
FROM scored AS s
LEFT JOIN source AS o USING (source_no)
LEFT JOIN raw.content AS c ON s.content_no = c.content_no
LEFT JOIN read.column AS k ON s.content_no = k.content_no AND k.field = 'score'
LEFT JOIN (SELECT content_no, row_no, score_place FROM read.penilaian WHERE score_place IS NOT NULL) AS w
    ON s.content_no = w.content_no AND s.row_no = w.row_no
LEFT JOIN (SELECT content_no, row_no, score_place FROM read.verifikasi WHERE score_place IS NOT NULL) AS v
    ON s.content_no = v.content_no AND s.row_no = v.row_no;
