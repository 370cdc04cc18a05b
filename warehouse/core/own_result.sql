-- Grain: one row per institution and year whose own index was published by others.
-- Reads: judged.published, judged.rejected, core.institution.
-- Why:   a published figure counts for the institution when it's named by its name or its code.
CREATE OR REPLACE TABLE core.own_result AS
SELECT p.institution_code, p.year, CAST(p.published_value AS DECIMAL(18, 10)) AS published_value
FROM judged.published AS p
ANTI JOIN (SELECT row_key FROM judged.rejected WHERE suite = 'published') AS x USING (row_key)
JOIN core.institution AS i ON p.institution_code = i.institution_code
WHERE NOT p.is_blank AND p.part = 'Indeks'
    AND regexp_replace(lower(p.institution_found), '^(pemerintah|pemda|pemkab|pemkot)\s+|[^a-z0-9.]', '', 'g') IN (
        regexp_replace(lower(i.institution_name), '^(pemerintah|pemda|pemkab|pemkot)\s+|[^a-z0-9.]', '', 'g'),
        lower(i.institution_code))
QUALIFY row_number() OVER (PARTITION BY p.institution_code, p.year ORDER BY p.row_no) = 1;
