-- Grain: one row per institution, year and indicator of the year's instrument, scored by OPD or not.
-- Reads: core.stage, ref.indicator, core.carrier, core.practice, core.counted_answer, source.
-- Why:   the district is what's assessed: its score is the carrier's claim, never a mean over OPD; where a level
--        asks something of every OPD (a practice gate) the claim stops one below it while any OPD in scope is
--        below or silent.
CREATE OR REPLACE TABLE core.proposal AS
WITH judged_year AS (
    SELECT DISTINCT institution_code, year, instrument_code FROM core.stage
),
stale AS (
    SELECT source_no FROM source WHERE worksheet = 'Penilaian' AND is_stale
),
held AS (
    SELECT institution_code, year, indicator_no, count(*) FILTER (holds_gate) AS blocker_count, bool_or(is_stale) AS is_stale
    FROM core.practice
    GROUP BY ALL
)
SELECT
    y.institution_code,
    y.year,
    y.instrument_code,
    n.indicator_no,
    c.opd_code,
    a.score_units AS claim_units,
    CASE WHEN h.blocker_count > 0 AND a.score_units >= n.gate_level * 10000 THEN (n.gate_level - 1) * 10000
        ELSE a.score_units END AS score_units,
    CASE WHEN n.gate_kind = 'practice' THEN n.gate_level END AS gate_level,
    coalesce(h.blocker_count, 0) AS blocker_count,
    t.source_no IS NOT NULL OR coalesce(h.is_stale, false) AS is_stale,
    a.source_no,
    a.content_no,
    a.row_no
FROM judged_year AS y
JOIN ref.indicator AS n ON y.instrument_code = n.instrument_code
LEFT JOIN core.carrier AS c ON y.institution_code = c.institution_code
    AND n.instrument_code = c.instrument_code AND n.indicator_no = c.indicator_no
LEFT JOIN core.counted_answer AS a ON c.opd_no = a.opd_no AND y.year = a.year AND n.indicator_no = a.indicator_no
LEFT JOIN stale AS t ON coalesce(a.source_no, c.source_no) = t.source_no
LEFT JOIN held AS h ON y.institution_code = h.institution_code AND y.year = h.year AND n.indicator_no = h.indicator_no;
