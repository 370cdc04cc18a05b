-- Grain: one row per worksheet of an institution, as it came.
SELECT institution_code, opd_code, worksheet, worksheet AS title, content_hash, CAST(1 AS INTEGER) AS last_header_row_no, columns,
    CAST([] AS VARCHAR[]) AS extra, format('{}/{:05d}{}', $run_id, n, CASE WHEN opd_code = '' THEN 'r' ELSE '' END) AS file
FROM sheet WHERE n = $n
