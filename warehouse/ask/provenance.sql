-- Grain: one row per institution, year, stage, night and indicator: the index of the night down to the cell it came from.
-- Why:   from any figure to what it rests on in one query; published as a view.
CREATE VIEW mart.provenance AS
SELECT
    s.institution_code,
    s.year,
    s.stage,
    s.snapshot_on,
    s.index_value,
    s.index_exact,
    h.aspect_no,
    a.aspect_name,
    a.aspect_value,
    h.indicator_no,
    h.indicator_name,
    h.score,
    h.claimed_score,
    h.is_answered,
    h.weight_pct,
    h.points,
    h.opd_code,
    h.workbook,
    h.worksheet,
    h.cell,
    h.fetched_at,
    h.content_hash,
    s.run_id,
    r.rule_version,
    r.code_version
FROM mart.index_snapshot AS s
JOIN mart.indicator_history AS h ON s.institution_code = h.institution_code AND s.year = h.year AND s.stage = h.stage
    AND s.snapshot_on >= h.valid_from AND (h.valid_to IS NULL OR s.snapshot_on < h.valid_to)
JOIN mart.aspect_snapshot AS a ON s.institution_code = a.institution_code AND s.year = a.year AND s.stage = a.stage
    AND s.snapshot_on = a.snapshot_on AND h.aspect_no = a.aspect_no
JOIN mart.run AS r ON s.run_id = r.run_id;
