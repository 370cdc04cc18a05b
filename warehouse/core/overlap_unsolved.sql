-- Grain: one row per institution whose overlaps aren't known: a new case, or a pair that people say is the same and wasn't compared.
-- Reads: core.overlap_case, core.overlap_decision, read.overlap.
CREATE OR REPLACE TABLE core.overlap_unsolved AS
WITH known AS (
    SELECT r.institution_code, r.case_hash, r.pairs
    FROM read.overlap AS r
    SEMI JOIN core.overlap_case AS c ON r.institution_code = c.institution_code AND r.case_hash = c.case_hash
    WHERE r.overlap_version = getvariable('overlap_version')
),
compared AS (
    SELECT institution_code, unnest(pairs, max_depth := 2) FROM known SEMI JOIN core.overlap_decision USING (institution_code)
)
SELECT institution_code, case_hash
FROM core.overlap_case
WHERE institution_code NOT IN (SELECT institution_code FROM known)
    OR institution_code IN (
        SELECT institution_code
        FROM core.overlap_decision
        ANTI JOIN compared USING (institution_code, listed_by_a, object_id_a, listed_by_b, object_id_b)
        WHERE decision = 'same');
