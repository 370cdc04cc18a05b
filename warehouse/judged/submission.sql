-- Grain: one row per OPD workbook in force and data row of Penilaian. Columns from year_without_instrument on are what
--        expectations/submission.json judges; NULL means that a rule doesn't apply.
-- Reads: read.field, read.source, core.opd, ref.instrument, ref.indicator.
-- Why:   every failing rule of a row is found in one pass, so an OPD mends its sheet once.
CREATE OR REPLACE TABLE judged.submission AS
WITH wide AS (
    SELECT
        content_hash,
        row_no,
        CAST(value_of(field, value, 'year') AS INTEGER) AS year,
        value_of(field, value, 'indicator') AS indicator_no,
        value_of(field, problem, 'indicator') AS indicator_problem,
        NOT holds(field, 'score') AS is_blank,
        value_of(field, value, 'score') AS score,
        value_of(field, problem, 'score') AS score_problem,
        value_of(field, value, 'explanation') AS explanation,
        value_of(field, value, 'evidence') AS links,
        value_of(field, problem, 'evidence') AS evidence_problem,
        CAST(value_of(field, value, 'evidence_on') AS DATE) AS evidence_on,
        value_of(field, problem, 'evidence_on') AS evidence_on_problem,
        value_of(field, place, 'score') AS score_cell,
        value_of(field, place, 'evidence') AS evidence_cell
    FROM read.field
    GROUP BY ALL
)
SELECT
    row_number() OVER (ORDER BY s.institution_code, s.opd_code, w.row_no) AS row_key,
    s.institution_code,
    s.opd_code,
    s.workbook,
    s.worksheet,
    s.fetched_at,
    s.is_stale,
    w.*,
    i.instrument_code,
    CASE WHEN w.year IS NULL THEN NULL ELSE i.instrument_code IS NULL END AS year_without_instrument,
    w.year - year(getvariable('snapshot_on')) AS years_ahead,
    CASE
        WHEN w.indicator_no IS NULL THEN 'unreadable'
        WHEN i.instrument_code IS NULL THEN NULL
        WHEN n.indicator_no IS NULL THEN 'unknown'
        ELSE 'known'
    END AS indicator_state,
    CASE WHEN w.year IS NOT NULL AND w.indicator_no IS NOT NULL AND w.score IS NOT NULL
        THEN count(DISTINCT w.score) OVER same_key END AS duplicate_scores,
    CASE WHEN score_units(w.score) >= 20000 AND w.evidence_problem IS NULL
        THEN coalesce(json_array_length(w.links), 0) END AS needed_links,
    CASE WHEN score_units(w.score) >= 20000 THEN coalesce(length(w.explanation), 0) END AS needed_explanation,
    w.evidence_on - s.arrived_on AS evidence_days_ahead,
    o.is_active AS opd_is_active,
    n.is_external AS indicator_is_external
FROM wide AS w
JOIN read.source AS s ON w.content_hash = s.content_hash AND s.worksheet = 'Penilaian'
JOIN core.opd AS o ON s.institution_code = o.institution_code AND s.opd_code = o.opd_code
LEFT JOIN ref.instrument AS i ON w.year BETWEEN i.first_year AND i.last_year
LEFT JOIN ref.indicator AS n ON i.instrument_code = n.instrument_code AND w.indicator_no = n.indicator_no
WINDOW same_key AS (PARTITION BY s.institution_code, s.opd_code, w.year, w.indicator_no);
