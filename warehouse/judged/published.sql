-- Grain: one row per register in force and data row of Hasil Terbit; columns as in submission.sql.
-- Reads: read.field, read.source, ref.instrument, ref.domain, ref.aspect, ref.indicator.
CREATE OR REPLACE TABLE judged.published AS
WITH wide AS (
    SELECT
        content_hash,
        row_no,
        CAST(value_of(field, value, 'year') AS INTEGER) AS year,
        value_of(field, value, 'institution') AS institution_found,
        value_of(field, value, 'part') AS part,
        NOT holds(field, 'published_value') AS is_blank,
        value_of(field, value, 'published_value') AS published_value,
        value_of(field, value, 'source') AS source
    FROM read.field
    GROUP BY ALL
),
parts AS (
    SELECT instrument_code, 'Domain ' || domain_no AS part FROM ref.domain
    UNION ALL
    SELECT instrument_code, 'Aspek ' || aspect_no FROM ref.aspect
    UNION ALL
    SELECT instrument_code, 'Indikator ' || indicator_no FROM ref.indicator
)
SELECT
    row_number() OVER (ORDER BY s.institution_code, w.row_no) AS row_key,
    s.institution_code,
    s.workbook,
    s.worksheet,
    CAST(NULL AS VARCHAR) AS indicator_no,
    w.*,
    CASE WHEN w.year IS NULL THEN NULL ELSE i.instrument_code IS NULL END AS year_without_instrument,
    w.year - year(getvariable('snapshot_on')) AS years_ahead,
    CASE
        WHEN w.part IS NULL THEN 'unreadable'
        WHEN i.instrument_code IS NULL OR w.part = 'Indeks' OR p.part IS NOT NULL THEN 'known'
        ELSE 'unknown'
    END AS part_state,
    CASE WHEN w.year IS NOT NULL AND w.part IS NOT NULL AND w.institution_found IS NOT NULL
        THEN count(DISTINCT CAST(w.published_value AS DECIMAL(18, 10))) OVER (
            PARTITION BY s.institution_code, w.year, lower(w.institution_found), w.part, lower(w.source)) END AS duplicate_values
FROM wide AS w
JOIN read.source AS s ON w.content_hash = s.content_hash AND s.worksheet = 'Hasil Terbit'
LEFT JOIN ref.instrument AS i ON w.year BETWEEN i.first_year AND i.last_year
LEFT JOIN parts AS p ON i.instrument_code = p.instrument_code AND w.part = p.part;
