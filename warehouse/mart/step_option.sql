-- Grain: one row per institution, year, stage, indicator that isn't scored by another agency, and level above its score.
-- Reads: core.indicator_score, core.practice, ref.indicator, ref.instrument, ref.effort, ref.indicator_effort.
-- Why:   a step raises an indicator to its next whole level. A gate doesn't forbid one, it makes it dearer: every other OPD in
--        scope that is below the gate or silent has to move. A level that the carrier claims already costs it nothing more.
WITH holding AS (
    SELECT institution_code, year, indicator_no, list(opd_code) AS opd_codes
    FROM core.practice
    WHERE holds_gate
    GROUP BY ALL
),
step AS (
    SELECT
        s.institution_code,
        s.year,
        s.stage,
        s.indicator_no,
        s.instrument_code,
        s.opd_code,
        s.score_units,
        s.claim_units,
        s.weight_units,
        s.unit_total,
        CASE WHEN n.gate_kind = 'practice' THEN n.gate_level END AS gate_level,
        len(list_filter(coalesce(h.opd_codes, []), lambda code: code IS DISTINCT FROM s.opd_code)) AS holding_opd,
        CAST(unnest(range(CAST(s.score_units // 10000 + 1 AS BIGINT), CAST(i.highest_score + 1 AS BIGINT))) AS INTEGER) AS to_level
    FROM core.indicator_score AS s
    JOIN ref.instrument AS i USING (instrument_code)
    JOIN ref.indicator AS n USING (instrument_code, indicator_no)
    LEFT JOIN holding AS h USING (institution_code, year, indicator_no)
    WHERE NOT n.is_external
)
SELECT
    s.institution_code,
    s.year,
    s.stage,
    s.indicator_no,
    s.to_level,
    unit_score(greatest(s.score_units, (s.to_level - 1) * 10000)) AS from_score,
    unit_score(s.to_level * 10000) AS to_score,
    exact((s.to_level * 10000 - greatest(s.score_units, (s.to_level - 1) * 10000)) * s.weight_units, s.unit_total * 10000) AS points,
    CAST(CASE WHEN s.claim_units >= s.to_level * 10000 THEN 0 ELSE e.effort END
        + CASE WHEN s.to_level = s.gate_level THEN s.holding_opd ELSE 0 END * m.effort AS DECIMAL(18, 10)) AS cost,
    CAST(CASE WHEN s.to_level = s.gate_level THEN s.holding_opd ELSE 0 END AS INTEGER) AS moving_opd,
    CAST(sum(e.months) OVER (PARTITION BY s.institution_code, s.year, s.stage, s.indicator_no ORDER BY s.to_level) AS INTEGER) AS months,
    s.opd_code
FROM step AS s
JOIN ref.indicator_effort AS k USING (instrument_code, indicator_no)
JOIN ref.effort AS e ON k.effort_kind = e.effort_kind AND s.to_level = e.to_level
JOIN ref.effort AS m ON m.effort_kind = 'opd';
