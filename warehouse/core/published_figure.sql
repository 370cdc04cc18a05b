-- Grain: one row per figure that others published: of the registers' Hasil Terbit (institution_code says whose), of the evaluation
--        portal (portal_code says whose), and the national and group averages. half_units: half of its last printed digit, of two
--        decimals at least.
-- Reads: judged.published, judged.rejected, core.imported_figure, ref.published_average, ref.instrument.
CREATE OR REPLACE TABLE core.published_figure AS
WITH registered AS (
    SELECT p.institution_code, p.institution_found AS institution, p.year, p.part, coalesce(p.source_found, '') AS source,
        p.published_value AS printed
    FROM judged.published AS p
    ANTI JOIN (SELECT row_key FROM judged.rejected WHERE suite = 'published') AS x USING (row_key)
    WHERE NOT p.is_blank
    -- a figure that stands there twice, equal but with fewer decimals: the one with most
    QUALIFY row_number() OVER (PARTITION BY p.institution_code, p.institution_found, p.year, p.part, coalesce(p.source_found, '')
        ORDER BY length(p.published_value) DESC, p.row_no) = 1
),
figure AS (
    SELECT *, CAST(NULL AS VARCHAR) AS portal_code, CAST(NULL AS VARCHAR) AS institution_kind FROM registered
    UNION ALL BY NAME
    SELECT institution, year, part, source, printed FROM ref.published_average
    UNION ALL BY NAME
    SELECT portal_code, institution, institution_kind, year, part, 'Portal evaluasi SPBE' AS source, printed FROM core.imported_figure
)
SELECT
    f.*,
    i.instrument_code,
    CAST(f.printed AS DECIMAL(18, 10)) BETWEEN i.lowest_score AND i.highest_score AS is_on_scale,
    CAST(f.printed AS DECIMAL(18, 10)) AS published_value,
    -- in hundred-thousand-millionths, so that every figure and its half digit are whole numbers
    CAST(CAST(f.printed AS DECIMAL(18, 10)) * 10000000000 AS HUGEINT) * 10 AS value_units,
    CAST(5 * power(10, 10 - greatest(least(length(split_part(f.printed, '.', 2)), 10), 2)) AS HUGEINT) AS half_units
FROM figure AS f
JOIN ref.instrument AS i ON f.year BETWEEN i.first_year AND i.last_year;
