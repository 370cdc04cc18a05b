-- Grain: one row per institution, year, stage and indicator tonight, with all that can move its score.
-- Reads: core.indicator_score, core.scope, core.carrier, core.opd, judged.row, judged.rejected, judged.verdict.
-- Why:   what moved is told apart later by which of these columns changed (mart/index_change.sql). scope_hash: whose answers the
--        register lets decide, and in which order. A rejected answer of a merged OPD matters where the heir has none of its own.
WITH heard AS (
    SELECT institution_code, instrument_code, indicator_no, opd_code AS voice FROM core.scope
    UNION ALL
    SELECT s.institution_code, s.instrument_code, s.indicator_no, concat_ws(' ', m.opd_code, m.heir_code, m.heir_distance) AS voice
    FROM core.scope AS s
    JOIN core.opd AS m ON s.institution_code = m.institution_code AND s.opd_code = m.heir_code
    UNION ALL
    SELECT c.institution_code, c.instrument_code, c.indicator_no,
        concat_ws(' ', m.opd_code, m.heir_code, CASE WHEN m.opd_code = c.registered_code THEN 0 ELSE m.heir_distance END) AS voice
    FROM core.carrier AS c
    JOIN core.opd AS m ON c.institution_code = m.institution_code AND c.opd_code = m.heir_code
),
scope AS (
    SELECT institution_code, instrument_code, indicator_no, md5(array_to_string(list_sort(list(voice)), chr(10))) AS scope_hash
    FROM heard
    GROUP BY ALL
),
rejected AS (
    SELECT DISTINCT r.institution_code, r.opd_code, coalesce(o.heir_code, r.opd_code) AS acting_code, r.year, r.indicator_no, v.stage
    FROM judged.row AS r
    JOIN judged.rejected USING (suite, row_key)
    LEFT JOIN core.opd AS o ON r.institution_code = o.institution_code AND r.opd_code = o.opd_code
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
    CASE WHEN s.stage <> 'official' THEN coalesce(c.scope_hash, '') ELSE '' END AS scope_hash,
    s.verdict_units,
    exists(
        FROM rejected AS x
        WHERE x.institution_code = s.institution_code AND x.year = s.year AND x.indicator_no = s.indicator_no
            AND (x.stage = s.stage OR (s.stage <> 'official' AND x.acting_code = s.opd_code
                AND (x.opd_code = s.opd_code OR s.answer_opd_code IS DISTINCT FROM s.opd_code)))
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
LEFT JOIN scope AS c USING (institution_code, instrument_code, indicator_no);
