-- Returns: a stage that lost more than half of its coverage, and at least 25 points of it, since the night before.
-- Why:   an emptied Pengampu worksheet or a change of numbering looks like this; a real withdrawal is let through by
--        `spbe-etl run --accept <institution code>`. A later stage may vanish whole: it stands on verdicts of its own,
--        and one withdrawn verdict may be all there was.
WITH night_before AS (
    SELECT institution_code, max(snapshot_on) AS snapshot_on
    FROM history.night
    WHERE snapshot_on < getvariable('snapshot_on')
    GROUP BY ALL
),
compared AS (
    SELECT b.institution_code, b.year, b.stage, b.coverage_pct AS coverage_before, coalesce(n.coverage_pct, 0) AS coverage_now
    FROM night_before AS l
    JOIN mart.index_snapshot AS b USING (institution_code, snapshot_on)
    JOIN tonight USING (institution_code)
    LEFT JOIN mart.index_snapshot AS n ON n.institution_code = b.institution_code AND n.year = b.year AND n.stage = b.stage
        AND n.snapshot_on = getvariable('snapshot_on')
    WHERE n.year IS NOT NULL OR b.stage = 'proposed'
)
SELECT
    institution_code,
    format('cakupan tahun {} tahap {} turun dari {} menjadi {} persen; bila benar, terima dengan: spbe-etl run --accept {}',
        year, stage, coverage_before, coverage_now, institution_code) AS finding
FROM compared AS c
WHERE coverage_now * 2 < coverage_before
    AND coverage_before - coverage_now >= 25
    AND NOT exists(FROM landed_accepted AS a WHERE a.code = c.institution_code);
