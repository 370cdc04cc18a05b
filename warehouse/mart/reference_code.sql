-- Grain: one row per institution, reference and level 1-2 code that an object in force has.
-- Reads: core.object, ref.object_kind, ref.code_list.
-- Why:   codes are nobody's to invent: an unknown one is kept and counted; a list that the user adds says which are known.
WITH used AS (
    SELECT o.institution_code, k.domain AS reference, o.national_code AS levels, count(*) AS object_count, count(DISTINCT o.opd_code) AS opd_count
    FROM core.object AS o
    JOIN ref.object_kind AS k USING (object_kind)
    WHERE o.national_code IS NOT NULL AND k.domain <> ''
    GROUP BY ALL
)
SELECT
    u.institution_code,
    u.reference,
    u.reference || '.' || u.levels AS code,
    u.object_count,
    u.opd_count,
    CASE WHEN u.reference IN (SELECT reference FROM ref.code_list) THEN c.levels IS NOT NULL END AS is_known,
    c.name AS code_name
FROM used AS u
LEFT JOIN ref.code_list AS c ON u.reference = c.reference AND u.levels = c.levels;
