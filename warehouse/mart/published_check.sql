-- Grain: one row per figure that others published.
-- Reads: core.published_figure, ref.domain, ref.aspect, ref.indicator.
-- Why:   a whole is checked against its own published parts of the next levels, each within half of its last printed digit; what
--        can't follow is flagged at the whole, with the value that contradicts it. Parts incomplete: nothing can be said.
WITH made_of AS (
    SELECT instrument_code, 'Indeks' AS whole, 'Domain ' || domain_no AS part, weight_units, 1 AS way, 'domain' AS way_name FROM ref.domain
    UNION ALL
    SELECT instrument_code, 'Indeks', 'Aspek ' || aspect_no, weight_units, 2, 'aspek' FROM ref.aspect
    UNION ALL
    SELECT instrument_code, 'Domain ' || domain_no, 'Aspek ' || aspect_no, weight_units, 2, 'aspek' FROM ref.aspect WHERE domain_no IS NOT NULL
    UNION ALL
    SELECT instrument_code, 'Aspek ' || aspect_no, 'Indikator ' || indicator_no, weight_units, 3, 'indikator' FROM ref.indicator
),
summed AS (
    SELECT
        w.institution_code,
        w.institution,
        w.portal_code,
        w.year,
        w.source,
        w.part,
        m.way,
        m.way_name,
        any_value(w.value_units) AS value_units,
        any_value(w.half_units) AS half_units,
        sum(m.weight_units) AS weight,
        CAST(sum(p.value_units * m.weight_units) AS HUGEINT) AS total,
        CAST(sum(p.half_units * m.weight_units) AS HUGEINT) AS slack
    FROM core.published_figure AS w
    JOIN made_of AS m ON w.instrument_code = m.instrument_code AND w.part = m.whole
    LEFT JOIN core.published_figure AS p ON w.institution_code IS NOT DISTINCT FROM p.institution_code
        AND w.portal_code IS NOT DISTINCT FROM p.portal_code AND w.institution = p.institution AND w.year = p.year AND w.source = p.source AND m.part = p.part
    GROUP BY ALL
    HAVING count(*) = count(p.part)
),
checked AS (
    SELECT
        *,
        exact(total, weight * 100000000000) AS computed_value,
        abs(value_units * CAST(weight AS HUGEINT) - total) > half_units * CAST(weight AS HUGEINT) + slack AS contradicts
    FROM summed
    QUALIFY row_number() OVER (PARTITION BY institution_code, portal_code, institution, year, source, part ORDER BY contradicts DESC, way) = 1
)
SELECT
    f.institution_code,
    f.institution,
    f.year,
    f.part,
    f.source,
    f.published_value,
    c.computed_value,
    NOT c.contradicts AS is_consistent,
    CASE
        WHEN f.part LIKE 'Indikator %' THEN 'Nilai indikator tidak punya bagian untuk diperiksa.'
        WHEN c.contradicts IS NULL THEN 'Bagian-bagiannya tidak lengkap, jadi tidak dapat diperiksa.'
        WHEN c.contradicts THEN format('Menurut {}-nya nilai ini {}, bukan {}. Disimpan seperti terbit.', c.way_name,
            replace(CAST(CAST(c.computed_value AS DECIMAL(18, 4)) AS VARCHAR), '.', ','), replace(f.printed, '.', ','))
        ELSE format('Sesuai dengan {}-nya dalam batas pembulatan.', c.way_name)
    END AS note
FROM core.published_figure AS f
LEFT JOIN checked AS c ON f.institution_code IS NOT DISTINCT FROM c.institution_code AND f.portal_code IS NOT DISTINCT FROM c.portal_code AND f.institution = c.institution
    AND f.year = c.year AND f.source = c.source AND f.part = c.part;
