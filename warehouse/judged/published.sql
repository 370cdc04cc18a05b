-- Grain: one row per register in force and data row of Hasil Terbit; columns as in submission.sql.
-- Reads: read.hasil_terbit, source, ref.instrument, ref.domain, ref.aspect, ref.indicator.
CREATE OR REPLACE TABLE judged.published AS
WITH wide AS (
    SELECT
        content_no,
        row_no,
        CAST(year AS INTEGER) AS year,
        institution AS institution_found,
        part,
        published_value IS NULL AND published_value_problem IS NULL AS is_blank,
        published_value,
        source AS source_found
    FROM read.hasil_terbit
),
parts AS (
    SELECT instrument_code, 'Domain ' || domain_no AS part FROM ref.domain
    UNION ALL
    SELECT instrument_code, 'Aspek ' || aspect_no FROM ref.aspect
    UNION ALL
    SELECT instrument_code, 'Indikator ' || indicator_no FROM ref.indicator
)
SELECT
    row_key(s.source_no, w.row_no) AS row_key,
    s.source_no,
    s.institution_code,
    w.*,
    CASE WHEN w.year IS NULL THEN NULL ELSE i.instrument_code IS NULL END AS year_without_instrument,
    sign(w.year - year(getvariable('snapshot_on'))) AS years_ahead,
    CASE
        WHEN w.part IS NULL THEN 'unreadable'
        WHEN i.instrument_code IS NULL OR w.part = 'Indeks' OR p.part IS NOT NULL THEN 'known'
        ELSE 'unknown'
    END AS part_state,
    CASE WHEN w.year IS NOT NULL AND w.part IS NOT NULL AND w.institution_found IS NOT NULL
        THEN count(DISTINCT CAST(w.published_value AS DECIMAL(18, 10))) OVER (
            PARTITION BY s.institution_code, w.year, lower(w.institution_found), w.part, lower(w.source_found)) END AS duplicate_values
FROM wide AS w
JOIN source AS s ON w.content_no = s.content_no AND s.worksheet = 'Hasil Terbit'
LEFT JOIN ref.instrument AS i ON w.year BETWEEN i.first_year AND i.last_year
LEFT JOIN parts AS p ON i.instrument_code = p.instrument_code AND w.part = p.part;
