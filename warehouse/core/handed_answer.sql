-- Grain: one row per OPD that others were merged into, year and indicator that it hasn't answered itself: the answer handed
--        over to it.
-- Reads: core.opd, core.answer, core.carrier, ref.instrument_year.
-- Why:   of several what the registered carrier answered comes first, then the nearest, then the lowest: a merger must not
--        raise a score by chance. Only the few OPD that were merged are looked at, with whoever they were merged into.
CREATE OR REPLACE TABLE core.handed_answer AS
WITH merged AS (
    SELECT h.opd_no AS heir_no, h.opd_code AS heir_code, p.opd_no, p.institution_code, p.opd_code, p.heir_distance AS distance
    FROM core.opd AS p
    JOIN core.opd AS h ON p.institution_code = h.institution_code AND p.heir_code = h.opd_code
),
voice AS (
    FROM merged
    UNION
    SELECT heir_no, heir_code, heir_no AS opd_no, institution_code, heir_code AS opd_code, 0 AS distance FROM merged
)
SELECT v.heir_no AS opd_no, a.* EXCLUDE (opd_no)
FROM voice AS v
JOIN core.answer AS a USING (opd_no)
JOIN ref.instrument_year AS i USING (year)
LEFT JOIN core.carrier AS c ON v.institution_code = c.institution_code AND i.instrument_code = c.instrument_code
    AND a.indicator_no = c.indicator_no AND v.opd_code = c.registered_code
QUALIFY v.distance > 0 AND row_number() OVER (
    PARTITION BY v.heir_no, a.year, a.indicator_no
    ORDER BY v.distance > 0, c.registered_code IS NULL, v.distance, a.score_units, upper(v.opd_code)) = 1;
