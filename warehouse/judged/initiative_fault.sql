-- Grain: one row per initiative and cell that may be at fault: its instrument, indicators, targets, or who is responsible.
-- Reads: judged.initiative, judged.initiative_indicator, judged.initiative_target, judged.initiative_owner.
SELECT row_key, source_no, 'instrument' AS field, true AS is_instrument_unknown, NULL AS has_unknown_indicator, NULL AS is_off_scale,
    NULL AS falls, NULL AS is_opd_unknown, instrument_found AS found
FROM judged.initiative
WHERE is_instrument_unknown
UNION ALL
SELECT row_key, source_no, 'indicators', NULL, true, NULL, NULL, NULL, string_agg(indicator_no, '; ' ORDER BY indicator_no) || ' (' || instrument_code || ')'
FROM judged.initiative_indicator
WHERE NOT is_known
GROUP BY row_key, source_no, instrument_code
UNION ALL
SELECT t.row_key, i.source_no, t.field, NULL, NULL, CASE WHEN NOT t.is_on_scale THEN true END, CASE WHEN t.is_on_scale AND t.falls THEN true END, NULL, NULL
FROM judged.initiative_target AS t
JOIN judged.initiative AS i USING (row_key)
WHERE NOT t.is_on_scale OR t.falls
UNION ALL
SELECT row_key, source_no, 'owner', NULL, NULL, NULL, NULL, true, NULL FROM judged.initiative_owner WHERE opd_code IS NULL
