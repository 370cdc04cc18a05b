-- Grain: one row per institution and pair of applications of two OPD that are likely the same, or that people say are.
-- Reads: core.overlap_case, read.overlap, core.overlap_decision.
CREATE OR REPLACE TABLE core.overlap AS
WITH found AS (
    SELECT r.institution_code, unnest(r.pairs, max_depth := 2)
    FROM read.overlap AS r
    JOIN core.overlap_case AS c ON r.institution_code = c.institution_code AND r.case_hash = c.case_hash
    WHERE r.overlap_version = getvariable('overlap_version')
)
SELECT f.*, d.decision
FROM found AS f
LEFT JOIN core.overlap_decision AS d USING (institution_code, listed_by_a, object_id_a, listed_by_b, object_id_b)
WHERE f.score >= setting('overlap_threshold') OR d.decision = 'same';
