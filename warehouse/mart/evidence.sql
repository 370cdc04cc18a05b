-- Grain: one row per institution, OPD, year, indicator and link of an accepted answer, on the latest night.
-- Reads: judged.submission, judged.rejected, read.penilaian, read.column, source.
WITH linked AS (
    SELECT
        s.source_no,
        s.year,
        s.indicator_no,
        s.row_no,
        CASE WHEN contains(w.evidence, '", "') OR contains(w.evidence, chr(92)) THEN from_json(w.evidence, '["VARCHAR"]') ELSE [w.evidence[3:-3]] END AS urls,
        w.evidence_on,
        w.explanation,
        s.has_repeats,
        w.content_no,
        w.evidence_place
    FROM judged.submission AS s
    ANTI JOIN (SELECT row_key FROM judged.rejected WHERE suite = 'submission') AS x USING (row_key)
    JOIN read.penilaian AS w USING (content_no, row_no)
    WHERE NOT s.is_blank AND w.evidence IS NOT NULL
),
named AS (
    SELECT
        o.institution_code,
        l.year,
        o.opd_code,
        l.indicator_no,
        unnest(l.urls) AS url,
        CAST(l.evidence_on AS DATE) AS evidence_on,
        l.explanation,
        o.workbook,
        o.worksheet,
        coalesce(l.evidence_place, column_letter(k.col_no) || l.row_no) AS cell,
        l.row_no,
        l.has_repeats
    FROM linked AS l
    JOIN source AS o USING (source_no)
    JOIN read.column AS k ON l.content_no = k.content_no AND k.field = 'evidence'
)
SELECT * EXCLUDE (row_no, has_repeats) FROM named WHERE NOT has_repeats
UNION ALL
SELECT * EXCLUDE (row_no, has_repeats)
FROM named
WHERE has_repeats
QUALIFY row_number() OVER (PARTITION BY institution_code, opd_code, year, indicator_no, url ORDER BY row_no) = 1;
