-- Grain: one row per institution, year and stage, on the latest night.
-- Reads: core.indicator_score, core.verdict, ref.instrument.
-- Why:   low is the index itself; likely takes the last official score for what's missing; high takes the highest
--        and lets every gate open. A spread by history needs self-assessments with their verdicts, absent here.
WITH official AS (
    SELECT institution_code, instrument_code, indicator_no, year, score_units
    FROM core.verdict
    WHERE stage = 'official'
),
bounded AS (
    SELECT
        s.institution_code,
        s.year,
        s.stage,
        s.weight_units,
        s.unit_total * 10000 AS denominator,
        s.score_units AS low_units,
        CASE WHEN s.is_answered THEN s.score_units ELSE coalesce((
            SELECT arg_max(o.score_units, o.year) FROM official AS o
            WHERE o.institution_code = s.institution_code AND o.instrument_code = s.instrument_code
                AND o.indicator_no = s.indicator_no AND o.year < s.year), s.score_units) END AS likely_units,
        coalesce(s.claim_units, i.highest_score * 10000) AS high_units
    FROM core.indicator_score AS s
    JOIN ref.instrument AS i USING (instrument_code)
)
SELECT
    institution_code,
    year,
    stage,
    shown(sum(low_units * weight_units), any_value(denominator)) AS low,
    shown(sum(likely_units * weight_units), any_value(denominator)) AS likely,
    shown(sum(high_units * weight_units), any_value(denominator)) AS high,
    CAST(NULL AS DECIMAL(4, 2)) AS expected_value,
    CAST(NULL AS DECIMAL(4, 2)) AS interval_low,
    CAST(NULL AS DECIMAL(4, 2)) AS interval_high,
    0 AS case_count,
    'Belum ada riwayat nilai mandiri dan hasil asesor untuk menaksir selisihnya.' AS note
FROM bounded
GROUP BY ALL;
