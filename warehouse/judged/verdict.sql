-- Grain: one row per register in force and data row of Verifikasi; columns as in submission.sql.
-- Reads: read.verifikasi, source, ref.instrument_year, ref.indicator.
-- Why:   of several verdicts for a key the latest day wins; without a later day they contradict and none counts.
CREATE OR REPLACE TABLE judged.verdict AS
WITH placed AS (
    SELECT
        row_key(s.source_no, w.row_no) AS row_key,
        s.source_no,
        s.institution_code,
        w.content_no,
        w.row_no,
        CAST(w.year AS INTEGER) AS year,
        w.indicator AS indicator_no,
        w.stage,
        w.score IS NULL AND w.score_problem IS NULL AS is_blank,
        w.score,
        w.score_problem,
        CAST(w.verdict_on AS DATE) AS verdict_on,
        w.verdict_on_problem,
        i.instrument_code,
        n.indicator_no IS NOT NULL AS is_known,
        w.year IS NULL OR n.indicator_no IS NULL OR w.stage IS NULL OR w.score IS NULL AS is_apart
    FROM read.verifikasi AS w
    JOIN source AS s ON w.content_no = s.content_no AND s.worksheet = 'Verifikasi'
    LEFT JOIN ref.instrument_year AS i ON w.year = i.year
    LEFT JOIN ref.indicator AS n ON i.instrument_code = n.instrument_code AND w.indicator = n.indicator_no
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
    *,
    CASE WHEN year IS NULL THEN NULL ELSE instrument_code IS NULL END AS year_without_instrument,
    sign(year - year(getvariable('snapshot_on'))) AS years_ahead,
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
