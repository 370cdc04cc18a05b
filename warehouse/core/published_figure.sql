-- Grain: one row per figure that others published: of the registers' Hasil Terbit (institution_code says whose), and the national
--        and group averages. half: half of its last printed digit, of two decimals at least.
-- Reads: judged.published, judged.rejected, ref.published_average, ref.instrument.
CREATE OR REPLACE TABLE core.published_figure AS
WITH figure AS (
    SELECT p.institution_code, p.institution_found AS institution, p.year, p.part, coalesce(p.source_found, '') AS source, p.published_value AS printed
    FROM judged.published AS p
    ANTI JOIN (SELECT row_key FROM judged.rejected WHERE suite = 'published') AS x USING (row_key)
    WHERE NOT p.is_blank
    UNION
    SELECT CAST(NULL AS VARCHAR), institution, year, part, source, printed FROM ref.published_average
)
SELECT
    f.*,
    i.instrument_code,
    CAST(f.printed AS DECIMAL(18, 10)) AS published_value,
    -- in ten-thousand-millionths, so that every figure and its half digit are whole numbers
    CAST(CAST(f.printed AS DECIMAL(18, 10)) * 10000000000 AS HUGEINT) AS value_units,
    CAST(5 * power(10, 9 - greatest(least(length(split_part(f.printed, '.', 2)), 9), 2)) AS HUGEINT) AS half_units
FROM figure AS f
JOIN ref.instrument AS i ON f.year BETWEEN i.first_year AND i.last_year;
