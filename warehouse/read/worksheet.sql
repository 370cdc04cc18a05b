-- Grain: one row per worksheet content and data row that isn't blank in all contract columns.
-- Reads: new_cell, new_spelling, new_score. Filled in: {table}, {fields} (value, problem, text where it's another and may be
--        shown, place where it's merged), {joins}, {score} (what a score may be depends on the row's year and indicator; NULL
--        where those can't be told) and {holds} (whether anything is said).
INSERT INTO read.{table}
SELECT content_no, row_no, {fields}
FROM (
    SELECT c.*, {values}
    FROM new_cell AS c
    {joins}
) AS c
{score}
WHERE {holds};
