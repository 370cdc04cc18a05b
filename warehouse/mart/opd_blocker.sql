-- Grain: one row per institution, year, indicator and OPD in scope that is below a practice gate or silent.
-- Reads: core.practice, core.stage, core.proposal, ref.indicator, ref.instrument.
-- Why:   alone, an OPD frees points only when nobody else holds the gate or when it's the carrier itself;
--        together says what all of them would free.
WITH blocker AS (
    SELECT
        p.institution_code,
        p.year,
        p.indicator_no,
        h.opd_code,
        h.gate_units,
        h.score_units AS opd_units,
        h.opd_code = p.opd_code AS is_carrier,
        p.claim_units,
        p.blocker_count,
        n.weight_units,
        i.unit_total * 10000 AS denominator,
        coalesce(p.score_units, i.lowest_score * 10000) AS units_now,
        i.lowest_score * 10000 AS lowest_units
    FROM core.practice AS h
    JOIN core.stage AS g ON h.institution_code = g.institution_code AND h.year = g.year AND g.stage = 'proposed'
    JOIN core.proposal AS p ON h.institution_code = p.institution_code AND h.year = p.year AND h.indicator_no = p.indicator_no
    JOIN ref.indicator AS n ON p.instrument_code = n.instrument_code AND p.indicator_no = n.indicator_no
    JOIN ref.instrument AS i ON p.instrument_code = i.instrument_code
    WHERE h.holds_gate
),
raised AS (
    SELECT
        *,
        CASE WHEN is_carrier THEN gate_units ELSE claim_units END AS claim_alone,
        CASE WHEN bool_or(is_carrier) OVER (PARTITION BY institution_code, year, indicator_no)
            THEN gate_units ELSE claim_units END AS claim_together
    FROM blocker
)
SELECT
    institution_code,
    year,
    indicator_no,
    opd_code,
    CAST(gate_units // 10000 AS INTEGER) AS gate_level,
    unit_score(opd_units) AS opd_score,
    CASE WHEN opd_units IS NULL THEN 'no_answer' ELSE 'below' END AS reason,
    exact((coalesce(CASE WHEN blocker_count > 1 AND claim_alone >= gate_units THEN gate_units - 10000 ELSE claim_alone END,
        lowest_units) - units_now) * weight_units, denominator) AS points_blocked,
    exact((coalesce(claim_together, lowest_units) - units_now) * weight_units, denominator) AS points_together
FROM raised;
