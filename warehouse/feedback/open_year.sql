-- Grain: one row per institution and year that OPD have begun to answer and that has no official result yet.
-- Reads: core.stage, closed_year.
-- Why:   nobody is asked to fill in a year that's closed, or one that nobody works on.
CREATE OR REPLACE TEMP VIEW open_year AS
SELECT institution_code, year FROM core.stage WHERE stage = 'proposed'
EXCEPT
FROM closed_year;
