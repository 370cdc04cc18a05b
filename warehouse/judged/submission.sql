-- Grain: one row per OPD workbook in force and data row of Penilaian. Columns from year_without_instrument on are what
--        expectations/submission.json judges; NULL means that a rule doesn't apply.
-- Reads: read.penilaian, source, core.opd, ref.instrument_year, ref.indicator.
-- Why:   every failing rule of a row is found in one pass, so an OPD mends its sheet once. What a rule only compares with a
--        bound is kept as small as the bound asks, so that few profiles are judged.
CREATE OR REPLACE TABLE judged.submission AS
WITH repeated AS (
    SELECT
        s.source_no,
        w.year,
        w.indicator,
        CASE WHEN min(w.score) = max(w.score) THEN 1 ELSE 2 END AS duplicate_scores,
        min(w.row_no) AS first_row_no
    FROM read.penilaian AS w
    JOIN source AS s ON w.content_no = s.content_no AND s.worksheet = 'Penilaian'
    WHERE w.year IS NOT NULL AND w.indicator IS NOT NULL AND w.score IS NOT NULL
    GROUP BY ALL
    HAVING count(*) > 1
)
SELECT
    row_key(s.source_no, w.row_no) AS row_key,
    s.source_no,
    o.opd_no,
    w.content_no,
    w.row_no,
    CAST(w.year AS INTEGER) AS year,
    w.indicator AS indicator_no,
    w.score IS NULL AND w.score_problem IS NULL AS is_blank,
    score_units(w.score) AS score_units,
    i.instrument_code,
    r.first_row_no IS NOT NULL AS has_repeats,
    coalesce(w.row_no > r.first_row_no, false) AS is_repeat,
    CASE WHEN w.year IS NULL THEN NULL ELSE i.instrument_code IS NULL END AS year_without_instrument,
    sign(CAST(w.year AS INTEGER) - year(getvariable('snapshot_on'))) AS years_ahead,
    CASE
        WHEN w.indicator IS NULL THEN 'unreadable'
        WHEN i.instrument_code IS NULL THEN NULL
        WHEN n.indicator_no IS NULL THEN 'unknown'
        ELSE 'known'
    END AS indicator_state,
    w.score_problem,
    w.evidence_problem,
    w.evidence_on_problem,
    CASE WHEN w.year IS NOT NULL AND w.indicator IS NOT NULL AND w.score IS NOT NULL
        THEN coalesce(r.duplicate_scores, 1) END AS duplicate_scores,
    CASE WHEN score_units(w.score) >= 20000 AND w.evidence_problem IS NULL
        THEN CAST(w.evidence IS NOT NULL AS INTEGER) END AS needed_links,
    CASE WHEN score_units(w.score) >= 20000 THEN CAST(coalesce(w.explanation, '') <> '' AS INTEGER) END AS needed_explanation,
    sign(CAST(w.evidence_on AS DATE) - s.arrived_on) AS evidence_days_ahead,
    o.is_active AS opd_is_active,
    n.is_external AS indicator_is_external
FROM read.penilaian AS w
JOIN source AS s ON w.content_no = s.content_no AND s.worksheet = 'Penilaian'
JOIN core.opd AS o ON s.institution_code = o.institution_code AND s.opd_code = o.opd_code
LEFT JOIN ref.instrument_year AS i ON w.year = i.year
LEFT JOIN ref.indicator AS n ON i.instrument_code = n.instrument_code AND w.indicator = n.indicator_no
LEFT JOIN repeated AS r ON s.source_no = r.source_no AND w.year = r.year AND w.indicator = r.indicator;
