-- Returns: a stage that lost more than half of its coverage, and at least 25 points of it, since it was last published.
-- Why:   an emptied Pengampu worksheet or a change of numbering looks like this; a real withdrawal is let through by
--        `spbe-etl run --accept <institution code>`.
WITH before AS (
    SELECT institution_code, year, stage, arg_max(coverage_pct, snapshot_on) AS coverage_pct
    FROM mart.index_snapshot
    WHERE snapshot_on < getvariable('snapshot_on')
    GROUP BY ALL
),
now AS (
    SELECT institution_code, year, stage, coverage_pct FROM mart.index_snapshot WHERE snapshot_on = getvariable('snapshot_on')
),
latest AS (
    SELECT DISTINCT s.institution_code, s.year, s.stage
    FROM mart.index_snapshot AS s
    JOIN (
        SELECT institution_code, max(snapshot_on) AS snapshot_on FROM mart.index_snapshot
        WHERE snapshot_on < getvariable('snapshot_on') GROUP BY ALL
    ) USING (institution_code, snapshot_on)
)
SELECT
    b.institution_code,
    format('cakupan tahun {} tahap {} turun dari {} menjadi {} persen; bila benar, terima dengan: spbe-etl run --accept {}',
        b.year, b.stage, b.coverage_pct, coalesce(n.coverage_pct, 0), b.institution_code) AS finding
FROM before AS b
JOIN latest USING (institution_code, year, stage)
JOIN tonight USING (institution_code)
LEFT JOIN now AS n USING (institution_code, year, stage)
WHERE coalesce(n.coverage_pct, 0) * 2 < b.coverage_pct
    AND b.coverage_pct - coalesce(n.coverage_pct, 0) >= 25
    AND NOT exists(FROM landed_accepted AS a WHERE a.code = b.institution_code);
