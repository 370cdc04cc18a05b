-- Grain: one row per institution, year, stage, indicator and unbroken stretch of equal nights.
-- Reads: history.indicator_score, ref.indicator (names).
-- Why:   weights and points are those of the night, whatever the instrument's file says today.
SELECT
    h.institution_code,
    h.year,
    h.stage,
    h.indicator_no,
    h.valid_from,
    h.valid_to,
    h.instrument_code,
    n.aspect_no,
    n.indicator_name,
    unit_score(h.score_units) AS score,
    unit_score(h.claim_units) AS claimed_score,
    h.is_answered,
    exact(100 * h.weight_units, h.unit_total) AS weight_pct,
    exact(h.score_units * h.weight_units, h.unit_total * 10000) AS points,
    h.opd_code,
    h.workbook,
    h.worksheet,
    h.cell,
    h.fetched_at,
    h.content_hash
FROM history.indicator_score AS h
JOIN ref.indicator AS n USING (instrument_code, indicator_no);
