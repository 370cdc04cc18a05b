-- Grain: one row per institution, year and part (index, domain, aspect) that something is known to compare with.
-- Reads: figures.year_trend, core.part_value, core.own_figure, core.published_figure, core.institution, core.plain_name,
--        ref.published_average, figures.published_check.
-- Why:   the institution's value is that of its year trend: official, else published, else its latest stage. Averages are those of
--        the official reports; rank, mean, median and best are among the portal's institutions of the same kind.
WITH own AS (
    SELECT t.institution_code, t.year, t.stage, t.source, p.part, exact(p.numerator, p.denominator) AS value
    FROM figures.year_trend AS t
    JOIN core.part_value AS p USING (institution_code, year, stage)
    WHERE p.level <> 'indicator'
    UNION ALL BY NAME
    SELECT t.institution_code, t.year, t.stage, t.source, f.part, f.published_value AS value
    FROM figures.year_trend AS t
    JOIN core.own_figure AS f USING (institution_code, year)
    WHERE t.source = 'published' AND NOT starts_with(f.part, 'Indikator')
),
average AS (
    SELECT a.institution AS group_name, a.year, a.part, CAST(a.printed AS DECIMAL(18, 10)) AS value, coalesce(c.is_consistent, true) AS is_consistent
    FROM ref.published_average AS a
    LEFT JOIN figures.published_check AS c ON c.institution_code IS NULL AND a.institution = c.institution AND a.year = c.year
        AND a.part = c.part AND a.source = c.source
),
kind AS (
    SELECT i.institution_code, n.plain_name AS plain_kind
    FROM core.institution AS i
    JOIN core.plain_name AS n ON i.institution_kind = n.name
),
peer AS (
    SELECT n.plain_name AS plain_kind, f.year, f.part, f.portal_code, f.published_value AS value
    FROM core.published_figure AS f
    JOIN core.plain_name AS n ON f.institution_kind = n.name
    LEFT JOIN core.plain_name AS m ON f.institution = m.name
    WHERE f.portal_code IS NOT NULL AND f.is_on_scale
    -- one institution under two codes is one
    QUALIFY row_number() OVER (PARTITION BY n.plain_name, coalesce(m.plain_name, f.portal_code), f.year, f.part ORDER BY f.portal_code) = 1
),
ranked AS (
    SELECT
        *,
        rank() OVER (PARTITION BY plain_kind, year, part ORDER BY value DESC) AS rank_no,
        count(*) OVER whole AS ranked_count,
        exact(sum(CAST(value * 10000000000 AS HUGEINT)) OVER whole, count(*) OVER whole * 10000000000) AS kind_mean,
        quantile_disc(value, 0.5) OVER whole AS kind_median,
        max(value) OVER whole AS kind_best
    FROM peer
    WINDOW whole AS (PARTITION BY plain_kind, year, part)
)
SELECT
    o.institution_code,
    o.year,
    o.part,
    o.value AS own_value,
    o.source AS own_source,
    o.stage AS own_stage,
    g.value AS kind_average,
    o.value - g.value AS kind_difference,
    g.is_consistent AS is_kind_average_consistent,
    a.value AS national_average,
    o.value - a.value AS national_difference,
    r.rank_no,
    r.ranked_count,
    r.kind_mean,
    r.kind_median,
    r.kind_best
FROM own AS o
LEFT JOIN kind AS k USING (institution_code)
LEFT JOIN average AS g ON lower(g.group_name) = replace(k.plain_kind, ' ', '') AND o.year = g.year AND o.part = g.part
LEFT JOIN average AS a ON a.group_name = 'Nasional' AND o.year = a.year AND o.part = a.part
LEFT JOIN (SELECT DISTINCT institution_code, year, portal_code FROM core.own_figure WHERE portal_code IS NOT NULL) AS f
    ON o.institution_code = f.institution_code AND o.year = f.year
LEFT JOIN ranked AS r ON f.portal_code = r.portal_code AND o.year = r.year AND o.part = r.part
WHERE g.value IS NOT NULL OR a.value IS NOT NULL OR r.rank_no IS NOT NULL;
