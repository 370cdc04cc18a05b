-- Grain: one row per institution and inactive OPD of the register in force that leads, by Pengganti, to an active one: its heir.
--        heir_distance: how many times it's followed.
-- Reads: read.opd, source.
-- Why:   mergers follow on one another, so Pengganti is followed through what is no longer there to the first OPD that is. A
--        circle and an end that isn't active have no heir; an active OPD needs none.
CREATE OR REPLACE TABLE judged.heir AS
WITH RECURSIVE member AS (
    SELECT s.institution_code, upper(w.opd_code) AS code, w.opd_code, coalesce(w.active, 'yes') = 'yes' AS is_active, upper(w.successor) AS next_code
    FROM read.opd AS w
    JOIN source AS s ON w.content_no = s.content_no AND s.worksheet = 'OPD'
    WHERE w.opd_code IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY s.institution_code, upper(w.opd_code) ORDER BY w.row_no) = 1
),
followed AS (
    SELECT institution_code, opd_code, next_code AS code, [code] AS passed
    FROM member
    WHERE NOT is_active AND next_code IS NOT NULL
    UNION ALL
    SELECT f.institution_code, f.opd_code, m.next_code, list_append(f.passed, m.code)
    FROM followed AS f
    JOIN member AS m USING (institution_code, code)
    WHERE NOT m.is_active AND m.next_code IS NOT NULL AND NOT list_contains(f.passed, m.code)
)
SELECT f.institution_code, f.opd_code, m.opd_code AS heir_code, CAST(len(f.passed) AS INTEGER) AS heir_distance
FROM followed AS f
JOIN member AS m USING (institution_code, code)
WHERE m.is_active;
