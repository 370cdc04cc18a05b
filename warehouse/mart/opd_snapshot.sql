-- Grain: one row per institution, year with answers, OPD and night.
-- Reads: history.opd_snapshot, history.night.
SELECT h.* EXCLUDE (valid_from, valid_to), n.snapshot_on
FROM history.opd_snapshot AS h
JOIN history.night AS n ON h.institution_code = n.institution_code
    AND n.snapshot_on >= h.valid_from AND (h.valid_to IS NULL OR n.snapshot_on < h.valid_to);
