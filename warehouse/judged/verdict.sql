-- Grain: one row per register in force and data row of Verifikasi; columns as in submission.sql.
-- Reads: read.field, read.source, ref.instrument, ref.indicator.
-- Why:   of several verdicts for a key the latest day wins; without a later day they contradict and none counts.
CREATE OR REPLACE TABLE judged.verdict AS
WITH wide AS (
    SELECT
        content_hash,
        row_no,
        CAST(value_of(field, value, 'year') AS INTEGER) AS year,
        value_of(field, value, 'indicator') AS indicator_no,
        value_of(field, problem, 'indicator') AS indicator_problem,
        value_of(field, value, 'stage') AS stage,
        NOT holds(field, 'score') AS is_blank,
        value_of(field, value, 'score') AS score,
        value_of(field, problem, 'score') AS score_problem,
        CAST(value_of(field, value, 'verdict_on') AS DATE) AS verdict_on,
        value_of(field, problem, 'verdict_on') AS verdict_on_problem,
        value_of(field, place, 'score') AS score_cell
    FROM read.field
    GROUP BY ALL
),
placed AS (
    SELECT
        s.institution_code,
        s.workbook,
        s.worksheet,
        s.fetched_at,
        s.is_stale,
        w.*,
        i.instrument_code,
        n.indicator_no IS NOT NULL AS is_known,
        w.year IS NULL OR n.indicator_no IS NULL OR w.stage IS NULL OR w.score IS NULL AS is_apart
    FROM wide AS w
    JOIN read.source AS s ON w.content_hash = s.content_hash AND s.worksheet = 'Verifikasi'
    LEFT JOIN ref.instrument AS i ON w.year BETWEEN i.first_year AND i.last_year
    LEFT JOIN ref.indicator AS n ON i.instrument_code = n.instrument_code AND w.indicator_no = n.indicator_no
),
compared AS (
    SELECT
        *,
        count(DISTINCT score) OVER same_key AS scores,
        count(*) FILTER (verdict_on IS NULL) OVER same_key AS undated,
        max(verdict_on) OVER same_key AS latest_on
    FROM placed
    WINDOW same_key AS (PARTITION BY institution_code, year, indicator_no, stage, is_apart)
)
SELECT
    row_number() OVER (ORDER BY institution_code, row_no) AS row_key,
    *,
    CASE WHEN year IS NULL THEN NULL ELSE instrument_code IS NULL END AS year_without_instrument,
    year - year(getvariable('snapshot_on')) AS years_ahead,
    CASE
        WHEN indicator_no IS NULL THEN 'unreadable'
        WHEN instrument_code IS NULL THEN NULL
        WHEN is_known THEN 'known'
        ELSE 'unknown'
    END AS indicator_state,
    NOT is_apart AND scores > 1 AND (
        undated > 0
        OR count(DISTINCT score) FILTER (verdict_on = latest_on)
            OVER (PARTITION BY institution_code, year, indicator_no, stage, is_apart) > 1
    ) AS is_contradicted
FROM compared;
