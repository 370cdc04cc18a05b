-- Grain: one row per pair of applications that are compared whatever their names: at one address, or said to be the same.
-- Reads: core.overlap_application, core.overlap_decision.
-- Why:   an address that many different names stand at is that of a place where many applications are.
CREATE OR REPLACE TABLE core.overlap_close AS
WITH telling AS (
    SELECT institution_code, address
    FROM core.overlap_application
    WHERE address IS NOT NULL
    GROUP BY ALL
    HAVING count(DISTINCT opd_code) > 1 AND count(DISTINCT object_name) <= setting('overlap_address_names')
),
placed AS (
    SELECT a.* FROM core.overlap_application AS a SEMI JOIN telling USING (institution_code, address)
)
SELECT a_no, b_no, bool_or(is_same_address) AS is_same_address, bool_or(NOT is_same_address) AS is_asked
FROM (
    SELECT a.application_no AS a_no, b.application_no AS b_no, true AS is_same_address
    FROM placed AS a
    JOIN placed AS b USING (institution_code, address)
    WHERE a.application_no < b.application_no AND a.opd_code <> b.opd_code
    UNION ALL
    SELECT a.application_no, b.application_no, false
    FROM core.overlap_decision AS d
    JOIN core.overlap_application AS a ON d.institution_code = a.institution_code AND d.listed_by_a = a.listed_by_opd_code AND d.object_id_a = a.object_id
    JOIN core.overlap_application AS b ON d.institution_code = b.institution_code AND d.listed_by_b = b.listed_by_opd_code AND d.object_id_b = b.object_id
    WHERE d.decision = 'same'
)
GROUP BY ALL;
