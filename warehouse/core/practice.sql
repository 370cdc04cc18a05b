-- Grain: one row per institution, year with a stage, indicator with a practice gate and OPD in its scope: what counts as its
--        answer, if anything. holds_gate: it's below the gate, or silent.
-- Reads: core.stage, ref.indicator, core.scope, core.counted_answer, source.
CREATE OR REPLACE TABLE core.practice AS
WITH judged_year AS (
    SELECT DISTINCT institution_code, year, instrument_code FROM core.stage
)
SELECT
    y.institution_code,
    y.year,
    n.indicator_no,
    s.opd_code,
    n.gate_level * 10000 AS gate_units,
    a.score_units,
    a.score_units IS NULL OR a.score_units < n.gate_level * 10000 AS holds_gate,
    coalesce(w.is_stale, false) AS is_stale
FROM judged_year AS y
JOIN ref.indicator AS n ON y.instrument_code = n.instrument_code AND n.gate_kind = 'practice'
JOIN core.scope AS s ON y.institution_code = s.institution_code
    AND n.instrument_code = s.instrument_code AND n.indicator_no = s.indicator_no
LEFT JOIN core.counted_answer AS a ON s.opd_no = a.opd_no AND y.year = a.year AND n.indicator_no = a.indicator_no
LEFT JOIN source AS w ON coalesce(a.source_no, s.source_no) = w.source_no;
