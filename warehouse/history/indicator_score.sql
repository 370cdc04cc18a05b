-- Grain: one row per institution, year, stage and indicator tonight, with all that can move its score.
-- Reads: core.indicator_score, core.scope, ref.indicator, judged.row, judged.rejected, judged.verdict.
-- Why:   what moved is told apart later by which of these columns changed (mart/index_change.sql).
WITH scope AS (
    SELECT institution_code, instrument_code, indicator_no, md5(array_to_string(list_sort(list(opd_code)), chr(10))) AS scope_hash
    FROM core.scope
    GROUP BY ALL
),
rejected AS (
    SELECT DISTINCT r.institution_code, r.opd_code, r.year, r.indicator_no, v.stage
    FROM judged.row AS r
    JOIN judged.rejected USING (suite, row_key)
    LEFT JOIN judged.verdict AS v ON r.suite = 'verdict' AND r.row_key = v.row_key
    WHERE r.suite IN ('submission', 'verdict') AND r.indicator_no IS NOT NULL
)
SELECT
    s.institution_code,
    s.year,
    s.stage,
    s.indicator_no,
    s.instrument_code,
    s.weight_units,
    s.unit_total,
    s.opd_code,
    CASE WHEN s.stage <> 'official' AND n.gate_kind = 'practice'
        THEN coalesce(c.scope_hash, '') ELSE '' END AS scope_hash,
    s.verdict_units,
    exists(
        FROM rejected AS x
        WHERE x.institution_code = s.institution_code AND x.year = s.year AND x.indicator_no = s.indicator_no
            AND (x.stage = s.stage OR (x.opd_code = s.opd_code AND s.stage <> 'official'))
    ) AS is_rejected,
    s.claim_units,
    s.is_answered,
    s.score_units,
    s.worksheet,
    s.cell,
    s.content_hash,
    s.workbook,
    s.fetched_at
FROM core.indicator_score AS s
JOIN ref.indicator AS n USING (instrument_code, indicator_no)
LEFT JOIN scope AS c USING (institution_code, instrument_code, indicator_no);
