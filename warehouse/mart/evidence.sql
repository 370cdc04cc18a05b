-- Grain: one row per institution, OPD, year, indicator and link of an accepted answer, on the latest night.
-- Reads: judged.submission, judged.outcome.
WITH linked AS (
    SELECT s.*, unnest(from_json(s.links, '["VARCHAR"]')) AS url
    FROM judged.submission AS s
    JOIN judged.outcome AS o ON o.suite = 'submission' AND o.row_key = s.row_key AND o.outcome = 'accepted'
    WHERE s.links IS NOT NULL
)
SELECT
    institution_code,
    year,
    opd_code,
    indicator_no,
    url,
    evidence_on,
    explanation,
    workbook,
    worksheet,
    evidence_cell AS cell
FROM linked
QUALIFY row_number() OVER (PARTITION BY institution_code, opd_code, year, indicator_no, url ORDER BY row_no) = 1;
