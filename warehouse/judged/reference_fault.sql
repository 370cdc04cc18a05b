-- Grain: one row per object and field that refers to something that isn't listed, or that several objects could be.
-- Reads: judged.reference, judged.object.
SELECT
    r.row_key,
    o.source_no,
    r.field,
    CASE WHEN bool_or(r.matches = 0) THEN true END AS has_unknown_reference,
    CASE WHEN bool_or(r.matches > 1) THEN true END AS has_ambiguous_reference,
    string_agg(r.said, '; ' ORDER BY r.said) AS found
FROM judged.reference AS r
JOIN judged.object AS o USING (row_key)
WHERE r.matches <> 1
GROUP BY ALL
