-- Grain: one row per OPD and data row of Penilaian in force that has something to be told.
-- Reads: judged.submission, judged.outcome, judged.occurrence, unanswered, closed_year.
WITH said AS (
    SELECT
        row_key,
        string_agg(spoken(message, cell, indicator_no, year, score_range, found), ' ' ORDER BY severity, rule_code) AS messages
    FROM judged.occurrence
    WHERE suite = 'submission'
    GROUP BY ALL
)
SELECT
    s.institution_code,
    s.opd_code,
    s.row_no,
    CASE
        WHEN o.outcome = 'blank' THEN 'missing'
        WHEN o.outcome = 'rejected' THEN 'rejected'
        WHEN m.messages IS NOT NULL THEN 'noted'
        ELSE 'accepted'
    END AS status,
    coalesce(m.messages, '') AS messages
FROM judged.submission AS s
JOIN judged.outcome AS o ON o.suite = 'submission' AND s.row_key = o.row_key
LEFT JOIN said AS m ON s.row_key = m.row_key
LEFT JOIN unanswered AS x USING (institution_code, year, indicator_no, opd_code)
WHERE (s.year IS NULL OR (s.institution_code, s.year) NOT IN (FROM closed_year)) AND (o.outcome <> 'blank' OR x.opd_code IS NOT NULL)
ORDER BY s.institution_code, s.opd_code, s.row_no;
