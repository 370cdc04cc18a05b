-- Grain: one row per object and night on which it was new, changed, handed over, listed again or retired.
-- Reads: history.object, ref.field.
-- Why:   stretches of one object that meet are a change; one that starts alone is new, or returned; one that ends alone, retired.
WITH stretch AS (
    SELECT
        *,
        lag(valid_to) OVER one AS ended_before,
        lag(attributes) OVER one AS attributes_before,
        lag(opd_code) OVER one AS opd_before,
        lag(row_hash) OVER one AS hash_before,
        lead(valid_from) OVER one AS starts_after
    FROM history.object
    WINDOW one AS (PARTITION BY institution_code, listed_by, worksheet, object_id ORDER BY valid_from)
),
started AS (
    SELECT
        * EXCLUDE (valid_to),
        valid_from AS snapshot_on,
        CASE WHEN ended_before IS NULL THEN 'new' WHEN ended_before < valid_from THEN 'returned'
            WHEN row_hash = hash_before AND opd_before <> opd_code THEN 'handed_over' ELSE 'changed' END AS change_kind
    FROM stretch
),
field_changed AS (
    SELECT s.institution_code, s.listed_by, s.worksheet, s.object_id, s.snapshot_on, unnest(list_distinct(json_keys(s.attributes) || json_keys(s.attributes_before))) AS field,
        s.attributes, s.attributes_before
    FROM started AS s
    WHERE s.change_kind = 'changed'
),
told AS (
    SELECT f.institution_code, f.listed_by, f.worksheet, f.object_id, f.snapshot_on, string_agg(coalesce(c.header, f.field), '; ' ORDER BY coalesce(c.header, f.field)) AS changed_fields
    FROM field_changed AS f
    LEFT JOIN ref.field AS c ON f.worksheet = c.worksheet AND f.field = c.field
    WHERE json_extract_string(f.attributes, '$."' || f.field || '"') IS DISTINCT FROM json_extract_string(f.attributes_before, '$."' || f.field || '"')
    GROUP BY ALL
)
SELECT s.institution_code, s.snapshot_on, s.opd_code, s.listed_by AS listed_by_opd_code, s.worksheet, s.object_kind, s.object_id, s.object_name, s.change_kind, t.changed_fields
FROM started AS s
LEFT JOIN told AS t USING (institution_code, listed_by, worksheet, object_id, snapshot_on)
UNION ALL BY NAME
SELECT institution_code, valid_to AS snapshot_on, opd_code, listed_by AS listed_by_opd_code, worksheet, object_kind, object_id, object_name, 'retired' AS change_kind,
    CAST(NULL AS VARCHAR) AS changed_fields
FROM stretch
WHERE valid_to IS NOT NULL AND starts_after IS DISTINCT FROM valid_to;
