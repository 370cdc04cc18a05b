-- Grain: one row per institution in memory, year and stage that exists tonight, and night of the time that the trend is looked at.
-- Reads: history.index_snapshot, figures.index_snapshot, core.target, ref.analysis_setting.
CREATE OR REPLACE TABLE core.night_index AS
SELECT institution_code, year, stage, h.snapshot_on, h.index_exact
FROM history.index_snapshot AS h
JOIN figures.index_snapshot AS f USING (institution_code, year, stage)
JOIN core.target AS t USING (institution_code, year)
WHERE h.snapshot_on < f.snapshot_on AND h.snapshot_on >= f.snapshot_on - setting('pace_days')
UNION ALL
SELECT institution_code, year, stage, f.snapshot_on, f.index_exact
FROM figures.index_snapshot AS f
JOIN core.target AS t USING (institution_code, year);
