-- Returns: a stage that lost more than half of its coverage, and at least 25 points of it, since the night before.
-- Why:   an emptied Pengampu worksheet or a change of numbering looks like this; a real withdrawal is let through by
--        `spbe-etl run --accept <institution code>`. A later stage may vanish whole: it stands on verdicts of its own,
--        and one withdrawn verdict may be all there was. A loss that was accepted or believed in a workbook is no collapse.
WITH night_before AS (
    SELECT institution_code, max(snapshot_on) AS snapshot_on
    FROM history.night
    WHERE snapshot_on < getvariable('snapshot_on')
    GROUP BY ALL
),
believed AS (
    SELECT DISTINCT institution_code
    FROM weighed_fetch
    WHERE state = 'good' AND opd_code <> ''
        AND answered_count * 100 < answered_last_night * (100 - getvariable('hollow_loss_pct'))
),
compared AS (
    SELECT b.institution_code, b.year, b.stage, b.coverage_pct AS coverage_before, coalesce(n.coverage_pct, 0) AS coverage_now
    FROM night_before AS l
    JOIN history.index_snapshot AS b USING (institution_code, snapshot_on)
    JOIN tonight USING (institution_code)
    LEFT JOIN figures.index_snapshot AS n ON n.institution_code = b.institution_code AND n.year = b.year AND n.stage = b.stage
        AND n.snapshot_on = getvariable('snapshot_on')
    WHERE n.year IS NOT NULL OR b.stage = 'proposed'
)
SELECT
    institution_code,
    format('cakupan tahun {} tahap {} turun dari {} menjadi {} persen; bila benar, terima dengan: spbe-etl run --accept {}',
        year, g.stage_name, replace(CAST(coverage_before AS VARCHAR), '.', ','), replace(CAST(coverage_now AS VARCHAR), '.', ','),
        institution_code) AS finding
FROM compared AS c
JOIN ref.stage AS g USING (stage)
WHERE coverage_now * 2 < coverage_before
    AND coverage_before - coverage_now >= 25
    AND NOT exists(FROM landed_accepted AS a WHERE upper(a.code) = upper(c.institution_code))
    AND NOT exists(FROM believed AS b WHERE b.institution_code = c.institution_code);
