-- Grain: one row per row of an institution's OPD workbooks, or of its register.
SELECT content_hash, CAST(row_no AS INTEGER) AS row_no, texts, kinds, CAST(NULL AS VARCHAR[]) AS links,
    CAST(NULL AS VARCHAR[]) AS places
FROM row
WHERE n = $n AND content_hash IN (SELECT content_hash FROM sheet WHERE n = $n AND (opd_code <> '') = $is_opd)
ORDER BY content_hash, row_no
