-- Grain: one row per institution, year, stage, indicator that isn't scored by another agency, and level above its score.
-- Reads: core.indicator_score, core.practice, core.planned_score, ref.indicator, ref.instrument, ref.effort, ref.indicator_effort,
--        ref.analysis_setting.
-- Why:   a step raises an indicator to its next whole level. A gate doesn't forbid one, it makes it dearer: every other OPD in
--        scope that is below the gate or silent has to move. A level that the carrier claims already costs it nothing more; one that an
--        initiative plans by that year costs a share of its effort, since owner, time and budget are settled.
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
        (SELECT max(p.score_units) FROM core.planned_score AS p WHERE p.institution_code = s.institution_code
            AND p.instrument_code = s.instrument_code AND p.indicator_no = s.indicator_no AND p.year <= s.year) AS planned_units,
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
    CAST(CASE
            WHEN s.claim_units >= s.to_level * 10000 THEN 0
            WHEN s.planned_units >= s.to_level * 10000 THEN e.effort * CAST(setting('planned_effort_pct') * CAST('0.01' AS DECIMAL(2, 2)) AS DECIMAL(5, 2))
            ELSE e.effort END
        + CASE WHEN s.to_level = s.gate_level THEN s.holding_opd ELSE 0 END * m.effort AS DECIMAL(18, 10)) AS cost,
    coalesce(s.planned_units >= s.to_level * 10000, false) AS is_planned,
    CAST(CASE WHEN s.to_level = s.gate_level THEN s.holding_opd ELSE 0 END AS INTEGER) AS moving_opd,
    CAST(sum(e.months) OVER (PARTITION BY s.institution_code, s.year, s.stage, s.indicator_no ORDER BY s.to_level) AS INTEGER) AS months,
    s.opd_code
FROM step AS s
JOIN ref.indicator_effort AS k USING (instrument_code, indicator_no)
JOIN ref.effort AS e ON k.effort_kind = e.effort_kind AND s.to_level = e.to_level
JOIN ref.effort AS m ON m.effort_kind = 'opd';
