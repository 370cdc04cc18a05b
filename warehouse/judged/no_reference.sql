-- Grain: no row; the columns of stated_reference.
SELECT CAST(NULL AS BIGINT) AS row_key, CAST(NULL AS VARCHAR) AS institution_code, CAST(NULL AS VARCHAR) AS listed_by,
    CAST(NULL AS VARCHAR) AS field, CAST(NULL AS VARCHAR) AS refers_to, CAST(NULL AS VARCHAR) AS said
WHERE false
