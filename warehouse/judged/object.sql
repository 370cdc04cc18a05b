-- Grain: one row per OPD workbook in force and data row of an inventory worksheet. object_id: the id given, else one derived from
-- the name and kept from the night before. contents: 2 where rows with one id say different things. is_repeat: not the first of equal rows.
-- Reads: listed_object, history.object (the night before), ref.object_kind.
-- Why:   an object without an id is told by its name; where only its name was mended (the same row, all else the same or the name
--        nearly so), it stays the object that it was.
CREATE OR REPLACE TABLE judged.object AS
WITH listed AS (
    SELECT *, loosened(object_name) AS name_key FROM listed_object
),
unnumbered AS (
    SELECT row_key, institution_code, listed_by, worksheet, object_kind, row_no, name_key, body_hash
    FROM listed
    WHERE given_id IS NULL AND name_key <> '' AND NOT is_blank
),
known AS (
    SELECT institution_code, listed_by, worksheet, object_kind, object_id, row_no, name_key, body_hash
    FROM history.object
    WHERE is_derived AND valid_from < getvariable('snapshot_on') AND coalesce(valid_to, DATE '9999-12-31') >= getvariable('snapshot_on')
),
same_name AS (
    SELECT u.row_key, u.institution_code, u.listed_by, k.object_id
    FROM unnumbered AS u
    JOIN known AS k USING (institution_code, listed_by, worksheet, object_kind, name_key)
),
renamed AS (
    SELECT u.row_key, u.institution_code, u.listed_by, k.object_id
    FROM (FROM unnumbered ANTI JOIN same_name USING (row_key)) AS u
    JOIN (FROM known ANTI JOIN same_name USING (institution_code, listed_by, object_id)) AS k
        USING (institution_code, listed_by, worksheet, object_kind, row_no)
    WHERE u.body_hash = k.body_hash OR jaro_winkler_similarity(u.name_key, k.name_key) >= 0.85
),
kept AS (
    FROM same_name UNION ALL FROM renamed
),
derived AS (
    SELECT u.row_key, p.id_prefix || '-' || upper(left(md5(concat_ws(chr(31), u.institution_code, u.listed_by, u.object_kind, u.name_key)), 8)) AS object_id
    FROM (FROM unnumbered ANTI JOIN kept USING (row_key)) AS u
    JOIN ref.object_kind AS p USING (object_kind)
),
identified AS (
    SELECT
        l.*,
        -- the id of a name that another object had before it was mended is taken
        coalesce(l.given_id, k.object_id, CASE WHEN t.object_id IS NULL THEN d.object_id ELSE d.object_id || '-2' END) AS object_id,
        l.given_id IS NULL AS is_derived
    FROM listed AS l
    LEFT JOIN kept AS k ON l.row_key = k.row_key
    LEFT JOIN derived AS d ON l.row_key = d.row_key
    LEFT JOIN kept AS t ON l.institution_code = t.institution_code AND l.listed_by = t.listed_by AND d.object_id = t.object_id
),
repeated AS (
    SELECT source_no, object_id, min(row_no) AS first_row_no,
        CASE WHEN min(row_hash) = max(row_hash) AND min(object_kind) = max(object_kind) THEN 1 ELSE 2 END AS contents
    FROM identified
    WHERE object_id IS NOT NULL AND NOT is_blank
    GROUP BY ALL
    HAVING count(*) > 1
)
SELECT i.*, r.contents, coalesce(i.row_no > r.first_row_no, false) AS is_repeat
FROM identified AS i
LEFT JOIN repeated AS r USING (source_no, object_id);
