-- Grain: one row per register in force and data row of Pengampu; columns as in submission.sql.
-- Reads: read.pengampu, source, core.opd, ref.instrument, ref.indicator.
CREATE OR REPLACE TABLE judged.carrier AS
WITH wide AS (
    SELECT
        content_no,
        row_no,
        instrument AS instrument_found,
        indicator AS indicator_no,
        carrier IS NULL AND carrier_problem IS NULL AS is_blank,
        carrier AS carrier_found,
        from_json(coalesce(supporters, '[]'), '["VARCHAR"]') AS supporters,
        supporters_problem
    FROM read.pengampu
)
SELECT
    row_key(s.source_no, w.row_no) AS row_key,
    s.source_no,
    s.institution_code,
    w.*,
    i.instrument_code,
    o.opd_code,
    o.heir_code,
    o.is_active AS carrier_is_active,
    CASE
        WHEN w.indicator_no IS NULL THEN 'unreadable'
        WHEN i.instrument_code IS NULL THEN NULL
        WHEN n.indicator_no IS NULL THEN 'unknown'
        ELSE 'known'
    END AS indicator_state,
    CASE WHEN o.opd_code IS NOT NULL AND n.indicator_no IS NOT NULL
        THEN count(DISTINCT o.opd_code || CAST(list_sort(list_transform(w.supporters, lambda code: upper(code))) AS VARCHAR))
            OVER (PARTITION BY s.institution_code, n.instrument_code, n.indicator_no)
    END AS duplicate_carriers,
    len(list_filter(w.supporters, lambda code: code <> 'SEMUA' AND NOT list_contains(k.codes, upper(code)))) AS unknown_supporters
FROM wide AS w
JOIN source AS s ON w.content_no = s.content_no AND s.worksheet = 'Pengampu'
LEFT JOIN (SELECT institution_code, list(upper(opd_code)) AS codes FROM core.opd GROUP BY ALL) AS k
    ON s.institution_code = k.institution_code
LEFT JOIN core.opd AS o ON s.institution_code = o.institution_code AND upper(w.carrier_found) = upper(o.opd_code)
LEFT JOIN ref.instrument AS i ON w.instrument_found = i.instrument_code
LEFT JOIN ref.indicator AS n ON i.instrument_code = n.instrument_code AND w.indicator_no = n.indicator_no;
