-- Grain: one row per judged worksheet in force: its data rows, and how many are blank and rejected.
-- Reads: judged.submission, judged.verdict, judged.opd, judged.carrier, judged.target, judged.published, judged.object,
--        judged.rejected.
CREATE OR REPLACE TABLE judged.total AS
WITH counted AS (
    SELECT source_no, count(*) AS row_count, count(*) FILTER (is_blank) AS blank_count FROM judged.submission GROUP BY ALL
    UNION ALL
    SELECT source_no, count(*), count(*) FILTER (is_blank) FROM judged.verdict GROUP BY ALL
    UNION ALL
    SELECT source_no, count(*), count(*) FILTER (is_blank) FROM judged.opd GROUP BY ALL
    UNION ALL
    SELECT source_no, count(*), count(*) FILTER (is_blank) FROM judged.carrier GROUP BY ALL
    UNION ALL
    SELECT source_no, count(*), count(*) FILTER (is_blank) FROM judged.target GROUP BY ALL
    UNION ALL
    SELECT source_no, count(*), count(*) FILTER (is_blank) FROM judged.published GROUP BY ALL
    UNION ALL
    SELECT source_no, count(*), count(*) FILTER (is_blank) FROM judged.object GROUP BY ALL
),
refused AS (
    SELECT source_of(row_key) AS source_no, count(*) AS rejected_count FROM judged.rejected GROUP BY ALL
)
SELECT c.*, coalesce(r.rejected_count, 0) AS rejected_count
FROM counted AS c
LEFT JOIN refused AS r USING (source_no);
