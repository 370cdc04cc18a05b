-- Grain: one row per institution, year and existing stage: how far the official result may stand from the index.
-- Reads: core.indicator_score, core.verdict, core.fall_case, figures.claim_fall, figures.sensitivity, ref.instrument, ref.indicator, ref.analysis_setting.
-- Why:   low is the index itself; likely takes the last official score for what's missing; high takes the highest and lets every
--        gate open: bounds, exact. The expected value is an estimate: each claim less what such claims lost in earlier years of the
--        same instrument. Its interval: how far single falls spread, and how little is known of their mean.
--        The pessimistic value is the interval's low end, never above the index; without history the index with its heaviest level
--        lost; an official result falls no more.
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
        s.instrument_code,
        CAST(s.weight_units AS HUGEINT) AS weight_units,
        s.unit_total,
        s.score_units AS low_units,
        CASE WHEN s.is_answered THEN s.score_units ELSE coalesce((
            SELECT arg_max(o.score_units, o.year) FROM official AS o
            WHERE o.institution_code = s.institution_code AND o.instrument_code = s.instrument_code
                AND o.indicator_no = s.indicator_no AND o.year < s.year), s.score_units) END AS likely_units,
        coalesce(s.claim_units, i.highest_score * 10000) AS high_units,
        s.is_answered AND NOT n.is_external AS is_claim,
        CASE WHEN is_claim THEN least(greatest(s.score_units - f.fall_units, i.lowest_score * 10000), i.highest_score * 10000)
            ELSE s.score_units END AS expected_units,
        f.fall_units
    FROM core.indicator_score AS s
    JOIN ref.instrument AS i USING (instrument_code)
    JOIN ref.indicator AS n USING (instrument_code, indicator_no)
    LEFT JOIN figures.claim_fall AS f ON s.institution_code = f.institution_code AND s.year = f.year AND s.stage = f.stage AND s.aspect_no = f.aspect_no
),
summed AS (
    SELECT
        institution_code,
        year,
        stage,
        any_value(instrument_code) AS instrument_code,
        any_value(unit_total) AS unit_total,
        unit_total * 10000 AS denominator,
        sum(low_units * weight_units) AS low_total,
        sum(likely_units * weight_units) AS likely_total,
        sum(high_units * weight_units) AS high_total,
        sum(expected_units * weight_units) FILTER (fall_units IS NOT NULL) AS expected_total,
        sum(weight_units) FILTER (is_claim) AS claim_weight,
        sum(weight_units * weight_units) FILTER (is_claim) AS claim_squares
    FROM bounded
    GROUP BY institution_code, year, stage, unit_total
),
spread AS (
    SELECT
        institution_code,
        year,
        stage,
        count(*) AS cases,
        CAST(sum(fall_units) AS HUGEINT) AS fall_total,
        (CAST(cases * sum(CAST(fall_units AS HUGEINT) * fall_units) - fall_total * fall_total AS DOUBLE) / cases / 1e8
            + setting('fall_prior_cases') * setting('fall_prior_spread') ** 2) / (cases - 1 + setting('fall_prior_cases')) AS variance,
        string_agg(DISTINCT CAST(claimed_year AS VARCHAR), ', ' ORDER BY CAST(claimed_year AS VARCHAR)) AS years
    FROM core.fall_case
    GROUP BY ALL
),
estimated AS (
    SELECT
        t.*,
        s.cases,
        s.years,
        s.fall_total,
        CAST(t.expected_total AS DOUBLE) / t.denominator AS centre,
        setting('fall_reach') * sqrt(s.variance * (CAST(coalesce(t.claim_squares, 0) AS DOUBLE) + CAST(coalesce(t.claim_weight, 0) AS DOUBLE) ** 2 / s.cases))
            / t.unit_total AS reach
    FROM summed AS t
    LEFT JOIN spread AS s USING (institution_code, year, stage)
)
SELECT
    e.institution_code,
    e.year,
    e.stage,
    shown(e.low_total, e.denominator) AS low,
    shown(e.likely_total, e.denominator) AS likely,
    shown(e.high_total, e.denominator) AS high,
    shown(e.expected_total, e.denominator) AS expected_value,
    CASE WHEN e.reach IS NOT NULL THEN CAST(greatest(e.centre - e.reach, i.lowest_score) AS DECIMAL(4, 2)) END AS interval_low,
    CASE WHEN e.reach IS NOT NULL THEN CAST(least(e.centre + e.reach, i.highest_score) AS DECIMAL(4, 2)) END AS interval_high,
    CASE WHEN e.stage = 'official' THEN shown(e.low_total, e.denominator)
        WHEN interval_low IS NULL THEN d.index_down
        ELSE least(interval_low, shown(e.low_total, e.denominator)) END AS pessimistic_value,
    coalesce(e.cases, 0) AS case_count,
    CASE
        WHEN e.stage = 'official' THEN 'Hasil resmi, bukan taksiran.'
        WHEN e.cases IS NULL THEN 'Belum ada riwayat nilai sendiri dan hasil asesor untuk menaksir selisihnya; hanya batas yang diberikan.'
        ELSE format('Taksiran, bukan hasil. Dari {} nilai sendiri (usulan atau asesor internal) tahun {} yang hasil tahap berikutnya diketahui, rata-rata {} {} tingkat.',
            e.cases, e.years, CASE WHEN e.fall_total < 0 THEN 'naik' ELSE 'turun' END,
            replace(format('{:.2f}', CAST(abs(e.fall_total) AS DOUBLE) / e.cases / 10000), '.', ','))
    END AS note
FROM estimated AS e
JOIN ref.instrument AS i USING (instrument_code)
JOIN (
    SELECT institution_code, year, stage, CAST(min(index_down) AS DECIMAL(4, 2)) AS index_down FROM figures.sensitivity GROUP BY ALL
) AS d USING (institution_code, year, stage);
