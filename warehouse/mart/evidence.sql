-- Grain: one row per institution, OPD, year, indicator and link of an accepted answer, on the latest night.
-- Reads: judged.submission, judged.rejected, read.penilaian, read.column, source.
-- Why:   left joins, though every row finds its match: DuckDB then holds the few rows in memory and lets the many pass. For
--        the same reason links given twice are found among the repeated rows alone.
WITH accepted AS NOT MATERIALIZED (
    SELECT s.*
    FROM judged.submission AS s
    ANTI JOIN (SELECT row_key FROM judged.rejected WHERE suite = 'submission') AS x USING (row_key)
    WHERE NOT s.is_blank
),
repeated AS (
    SELECT s.row_key, s.source_no, s.year, s.indicator_no, s.row_no, unnest(listed_links(w.evidence)) AS url
    FROM read.penilaian AS w
    JOIN accepted AS s USING (content_no, row_no)
    WHERE s.has_repeats
),
given_before AS (
    SELECT row_key, url
    FROM repeated
    QUALIFY row_number() OVER (PARTITION BY source_no, year, indicator_no, url ORDER BY row_no) > 1
),
given AS (
    SELECT
        s.row_key,
        o.institution_code,
        s.year,
        o.opd_code,
        s.indicator_no,
        unnest(listed_links(w.evidence)) AS url,
        CAST(w.evidence_on AS DATE) AS evidence_on,
        w.explanation,
        o.workbook,
        o.worksheet,
        coalesce(w.evidence_place, column_letter(k.col_no) || s.row_no) AS cell
    FROM read.penilaian AS w
    JOIN accepted AS s USING (content_no, row_no)
    LEFT JOIN source AS o USING (source_no)
    LEFT JOIN read.column AS k ON w.content_no = k.content_no AND k.field = 'evidence'
    WHERE w.evidence IS NOT NULL
)
SELECT * EXCLUDE (row_key)
FROM given
ANTI JOIN given_before USING (row_key, url);
