-- Grain: one row per institution, year, stage and indicator, on the institution's latest night.
-- Reads: core.indicator_score, ref.indicator.
SELECT
    s.institution_code,
    s.year,
    s.stage,
    s.indicator_no,
    getvariable('snapshot_on') AS snapshot_on,
    s.instrument_code,
    s.aspect_no,
    n.indicator_name,
    unit_score(s.score_units) AS score,
    s.is_answered,
    exact(100 * s.weight_units, s.unit_total) AS weight_pct,
    exact(s.score_units * s.weight_units, s.unit_total * 10000) AS points,
    s.opd_code,
    s.answer_opd_code,
    s.workbook,
    s.worksheet,
    s.cell,
    s.fetched_at
FROM core.indicator_score AS s
JOIN ref.indicator AS n USING (instrument_code, indicator_no);
