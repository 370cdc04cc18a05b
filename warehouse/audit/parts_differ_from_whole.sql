-- Returns: an index that differs from the points of its indicators or from its weighted aspects by more than rounding.
WITH points AS (
    SELECT institution_code, year, stage, sum(points) AS total, count(*) AS indicator_count
    FROM figures.indicator_snapshot
    GROUP BY ALL
),
aspects AS (
    SELECT institution_code, year, stage, snapshot_on, sum(CAST(value_exact AS DECIMAL(28, 10)) * CAST(weight_pct AS DECIMAL(9, 6))) AS total
    FROM figures.aspect_snapshot
    GROUP BY ALL
)
SELECT s.institution_code, format('indeks {} tahun {} tahap {} tidak sama dengan jumlah bagiannya', s.index_exact, s.year, s.stage) AS finding
FROM figures.index_snapshot AS s
LEFT JOIN points AS p USING (institution_code, year, stage)
LEFT JOIN aspects AS a USING (institution_code, year, stage, snapshot_on)
WHERE (p.total IS NULL OR a.total IS NULL
        OR p.indicator_count <> s.indicator_count
        OR abs(p.total - s.index_exact) > 0.000001
        OR abs(a.total - s.index_exact * 100) > 0.0001);
