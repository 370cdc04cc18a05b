-- Grain: one row per institution and year with an official result: nobody is asked about it any more.
-- Reads: core.stage.
CREATE OR REPLACE TEMP VIEW closed_year AS
SELECT institution_code, year FROM core.stage WHERE stage = 'official';
