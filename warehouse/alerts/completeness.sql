-- Grain: one row per institution and year with answers: how many OPD answer all that they carry, and which don't.
-- Reads: mart.institution, mart.opd_snapshot.
SELECT
    o.institution_code,
    o.year,
    count(*) AS carrying_count,
    coalesce(
        list(o.opd_code ORDER BY o.opd_code) FILTER (o.answered_count < o.carried_count), []
    ) AS incomplete
FROM mart.opd_snapshot AS o
SEMI JOIN mart.institution AS i USING (institution_code, snapshot_on)
WHERE o.carried_count > 0
GROUP BY ALL;
