-- Grain: one row per instrument and year that it holds for, the year as it's read.
-- Reads: ref.instrument.
INSERT INTO ref.instrument_year
SELECT CAST(unnest(range(first_year, last_year + 1)) AS VARCHAR) AS year, instrument_code FROM ref.instrument;
