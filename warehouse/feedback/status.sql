-- Grain: one row per OPD and data row of Penilaian in force that has something to be told.
-- Reads: judged.submission, judged.rejected, judged.occurrence, source, unanswered, closed_year.
WITH said AS (
    SELECT
        row_key,
        string_agg(spoken(message, cell, indicator_no, year, score_range, found), ' ' ORDER BY severity, rule_code) AS messages
    FROM judged.occurrence
    WHERE suite = 'submission'
    GROUP BY ALL
)
SELECT
    o.institution_code,
    o.opd_code,
    s.row_no,
    CASE
        WHEN s.is_blank THEN 'missing'
        WHEN r.row_key IS NOT NULL THEN 'rejected'
        WHEN m.messages IS NOT NULL THEN 'noted'
        ELSE 'accepted'
    END AS status,
    coalesce(m.messages, '') AS messages
FROM judged.submission AS s
JOIN source AS o USING (source_no)
LEFT JOIN judged.rejected AS r ON r.suite = 'submission' AND s.row_key = r.row_key
LEFT JOIN said AS m ON s.row_key = m.row_key
LEFT JOIN unanswered AS x ON o.institution_code = x.institution_code AND o.opd_code = x.opd_code
    AND s.year = x.year AND s.indicator_no = x.indicator_no
WHERE (s.year IS NULL OR (o.institution_code, s.year) NOT IN (FROM closed_year)) AND (NOT s.is_blank OR x.opd_code IS NOT NULL)
ORDER BY o.institution_code, o.opd_code, s.row_no;
