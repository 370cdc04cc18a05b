-- Grain: one row per institution and object in force tonight, as the OPD that lists it tells it apart. opd_code: whose it is.
-- Reads: judged.object, judged.rejected, judged.inventory, core.opd, history.object (the night before), source.
-- Why:   an OPD that was merged hands its objects over; one that its heir lists itself by the same name counts once. valid_from is
--        the first night of the unbroken stretch on which it was as it is.
CREATE OR REPLACE TABLE core.object AS
WITH accepted AS (
    SELECT o.*, coalesce(p.heir_code, p.opd_code) AS opd_code, coalesce(p.is_active, false) OR p.heir_code IS NOT NULL AS is_active
    FROM judged.object AS o
    ANTI JOIN (SELECT row_key FROM judged.rejected WHERE suite = 'inventory') AS x USING (row_key)
    JOIN core.opd AS p ON o.institution_code = p.institution_code AND o.listed_by = p.opd_code
    WHERE NOT o.is_blank AND NOT o.is_repeat AND o.object_id IS NOT NULL
),
handed_over AS (
    SELECT a.row_key, exists(
            FROM accepted AS h
            WHERE h.institution_code = a.institution_code AND h.listed_by = a.opd_code AND h.worksheet = a.worksheet AND h.name_key = a.name_key
        ) AS is_listed_again
    FROM accepted AS a
    WHERE a.opd_code <> a.listed_by AND a.name_key <> ''
),
incomplete AS (
    SELECT DISTINCT row_key FROM judged.inventory WHERE is_missing OR needs_classification
),
before AS (
    SELECT institution_code, listed_by, worksheet, object_id, opd_code, object_kind, row_hash, valid_from
    FROM history.object
    WHERE valid_from < getvariable('snapshot_on') AND coalesce(valid_to, DATE '9999-12-31') >= getvariable('snapshot_on')
)
SELECT
    a.row_key,
    a.institution_code,
    a.listed_by,
    a.worksheet,
    a.object_id,
    a.opd_code,
    a.object_kind,
    a.row_hash,
    a.is_derived,
    coalesce(a.object_name, a.object_id) AS object_name,
    coalesce(a.name_key, '') AS name_key,
    a.body_hash,
    a.workbook,
    a.content_no,
    a.row_no,
    a.cell,
    a.national_code,
    a.is_active,
    i.row_key IS NULL AS is_complete,
    coalesce(b.valid_from, getvariable('snapshot_on')) AS valid_from
FROM accepted AS a
LEFT JOIN incomplete AS i USING (row_key)
LEFT JOIN before AS b USING (institution_code, listed_by, worksheet, object_id, opd_code, object_kind, row_hash)
WHERE a.row_key NOT IN (SELECT row_key FROM handed_over WHERE is_listed_again);
