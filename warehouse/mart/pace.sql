-- Grain: one row per institution, year and stage with a target: what it takes to be there in time, and what the trend leads to.
-- Reads: core.index, core.target, core.slope, ref.evaluation_calendar, ref.instrument, ref.analysis_setting, tonight's date.
-- Why:   the date that counts is the last day of the year's upload, where it's known, else 31 December. The trend goes on from
--        tonight's index, never beyond the scale. An index is met when it's published as the target.
WITH standing AS (
    SELECT
        i.institution_code,
        i.year,
        i.stage,
        t.target_index,
        getvariable('snapshot_on') AS snapshot_on,
        coalesce(c.last_on, make_date(i.year, 12, 31)) AS target_on,
        exact(i.index_numerator, i.index_denominator) AS index_exact,
        greatest(t.target_index - CAST('0.005' AS DECIMAL(4, 3)) - exact(i.index_numerator, i.index_denominator), 0) AS gap,
        n.lowest_score,
        n.highest_score,
        s.night_count,
        s.slope,
        s.slope_low,
        s.slope_high
    FROM core.index AS i
    JOIN core.target AS t USING (institution_code, year)
    JOIN ref.instrument AS n USING (instrument_code)
    LEFT JOIN ref.evaluation_calendar AS c ON i.year = c.year AND c.event = 'upload'
    LEFT JOIN core.slope AS s USING (institution_code, year, stage)
),
measured AS (
    SELECT
        *,
        target_on - snapshot_on AS days_left,
        365.25 / 12 AS month_days,
        CASE WHEN gap = 0 THEN snapshot_on
            WHEN slope > 0 AND gap / slope <= setting('pace_years') * 365 THEN snapshot_on + CAST(ceil(CAST(gap AS DOUBLE) / slope) AS INTEGER) END AS met_on
    FROM standing
)
SELECT
    institution_code,
    year,
    stage,
    target_index,
    target_on,
    CAST(gap AS DECIMAL(18, 10)) AS points_missing,
    days_left,
    CASE WHEN gap = 0 THEN 0 WHEN days_left > 0 THEN CAST(CAST(gap AS DOUBLE) * month_days / days_left AS DECIMAL(9, 4)) END AS required_per_month,
    coalesce(night_count, 0) AS night_count,
    CAST(slope * month_days AS DECIMAL(9, 4)) AS trend_per_month,
    CAST(slope_low * month_days AS DECIMAL(9, 4)) AS trend_low,
    CAST(slope_high * month_days AS DECIMAL(9, 4)) AS trend_high,
    CASE WHEN days_left > 0 AND slope IS NOT NULL THEN on_scale(index_exact + slope * days_left, lowest_score, highest_score) END AS projected_value,
    CASE WHEN days_left > 0 AND slope IS NOT NULL THEN on_scale(index_exact + slope_low * days_left, lowest_score, highest_score) END AS projected_low,
    CASE WHEN days_left > 0 AND slope IS NOT NULL THEN on_scale(index_exact + slope_high * days_left, lowest_score, highest_score) END AS projected_high,
    met_on,
    CASE
        WHEN gap = 0 THEN 'Target sudah tercapai.'
        WHEN days_left <= 0 AND slope IS NULL THEN 'Tanggal target sudah lewat; belum cukup malam untuk melihat laju.'
        WHEN days_left <= 0 THEN 'Tanggal target sudah lewat.'
        WHEN slope IS NULL THEN format('Belum cukup malam untuk melihat laju: paling sedikit {}.', CAST(setting('pace_nights') AS INTEGER))
        WHEN met_on IS NULL THEN 'Dengan laju sekarang target tidak tercapai.'
        WHEN met_on <= target_on THEN 'Dengan laju sekarang target tercapai pada waktunya.'
        ELSE 'Dengan laju sekarang target baru tercapai setelah batas waktunya.'
    END AS note
FROM measured;
