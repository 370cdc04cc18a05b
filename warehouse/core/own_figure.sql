-- Grain: one row per institution in memory, year and part that others published for it.
-- Reads: core.published_figure, core.imported_figure, core.institution, core.plain_name.
-- Why:   a figure is the institution's when it's named by its name or its code; the portal's code counts only for the same kind.
--        The evaluation portal's figures, which have all their decimals, come before those that the register copies; a figure of the
--        portal off the instrument's scale is none (0 stands for an institution that wasn't evaluated).
CREATE OR REPLACE TABLE core.own_figure AS
WITH known AS (
    SELECT i.institution_code, n.plain_name, k.plain_name AS plain_kind,
        regexp_replace(lower(i.institution_code), '[^a-z0-9]', '', 'g') AS plain_code
    FROM core.institution AS i
    LEFT JOIN core.plain_name AS n ON i.institution_name = n.name
    LEFT JOIN core.plain_name AS k ON i.institution_kind = k.name
),
found AS (
    SELECT k.institution_code, f.* EXCLUDE (institution_code), 2 AS choice
    FROM core.published_figure AS f
    JOIN known AS k USING (institution_code)
    LEFT JOIN core.plain_name AS n ON f.institution = n.name
    WHERE n.plain_name = k.plain_name OR lower(f.institution) = lower(k.institution_code)
    UNION ALL BY NAME
    SELECT k.institution_code, f.* EXCLUDE (institution_code), CASE WHEN n.plain_name = k.plain_name THEN 0 ELSE 1 END AS choice
    FROM core.published_figure AS f
    LEFT JOIN core.plain_name AS n ON f.institution = n.name
    LEFT JOIN core.plain_name AS g ON f.institution_kind = g.name
    JOIN known AS k ON n.plain_name = k.plain_name
        OR (regexp_replace(lower(f.portal_code), '[^a-z0-9]', '', 'g') = k.plain_code AND g.plain_name = k.plain_kind)
    WHERE f.portal_code IS NOT NULL AND f.is_on_scale
    -- one institution of the portal, should several go by our name
    QUALIFY dense_rank() OVER (PARTITION BY k.institution_code, f.year ORDER BY choice, f.portal_code) = 1
)
SELECT institution_code, institution, portal_code, institution_kind, instrument_code, year, part, source, printed, published_value, value_units, half_units
FROM found
QUALIFY row_number() OVER (PARTITION BY institution_code, year, part ORDER BY choice, source, printed) = 1;
