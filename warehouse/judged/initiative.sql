-- Grain: one row per row of Peta Rencana in force that holds something: under which instrument it plans.
-- Reads: judged.object, read.peta_rencana, ref.instrument, stated_target.
-- Why:   the instrument it names, else that of its first target's year, else that of the night's year.
CREATE OR REPLACE TABLE judged.initiative AS
WITH planned AS (
    SELECT row_key, min(year) AS first_year FROM stated_target GROUP BY ALL
)
SELECT
    o.row_key,
    o.source_no,
    o.institution_code,
    o.listed_by,
    w.instrument AS instrument_found,
    coalesce(g.instrument_code, i.instrument_code) AS instrument_code,
    w.instrument IS NOT NULL AND g.instrument_code IS NULL AS is_instrument_unknown,
    w.indicators,
    w.owner
FROM judged.object AS o
JOIN read.peta_rencana AS w ON o.content_no = w.content_no AND o.row_no = w.row_no
LEFT JOIN planned AS p USING (row_key)
LEFT JOIN ref.instrument AS g ON w.instrument = g.instrument_code
LEFT JOIN ref.instrument AS i ON coalesce(p.first_year, year(getvariable('snapshot_on'))) BETWEEN i.first_year AND i.last_year
WHERE o.worksheet = 'Peta Rencana' AND NOT o.is_blank;
