-- Grain: for each institution the index_snapshot rows of its last night on or before a date.
-- Why:   what was known then; published as a table macro.
CREATE MACRO mart.index_as_of(as_of) AS TABLE
SELECT s.*
FROM mart.index_snapshot AS s
WHERE s.snapshot_on = (
    SELECT max(n.snapshot_on) FROM mart.night AS n
    WHERE n.institution_code = s.institution_code AND n.snapshot_on <= CAST(as_of AS DATE));
