-- Grain: one row per inventory row and cell that may be at fault; a NULL means that a rule has nothing to say. found: what to show of it,
--        where that's not the cell itself. is_missing: the object isn't complete without it; what's said of it is told at the cell
--        (is_empty), or once for a column that the worksheet hasn't got (is_column_missing).
-- Reads: queries filled in (one for each field, and the faults of objects, references and initiatives), source, read.column.
CREATE OR REPLACE TABLE judged.inventory AS
WITH asked AS (
SELECT CAST(NULL AS BIGINT) AS row_key, CAST(NULL AS BIGINT) AS source_no, CAST(NULL AS VARCHAR) AS field,
    CAST(NULL AS BOOLEAN) AS is_of_no_kind, CAST(NULL AS BOOLEAN) AS is_unnamed, CAST(NULL AS BOOLEAN) AS is_id_unreadable,
    CAST(NULL AS INTEGER) AS contents, CAST(NULL AS BOOLEAN) AS is_without_id, CAST(NULL AS BOOLEAN) AS is_missing,
    CAST(NULL AS VARCHAR) AS cell_problem, CAST(NULL AS VARCHAR) AS unreadable_as, CAST(NULL AS INTEGER) AS years_ahead,
    CAST(NULL AS INTEGER) AS date_years_ahead, CAST(NULL AS BOOLEAN) AS is_reversed, CAST(NULL AS INTEGER) AS money_digits,
    CAST(NULL AS INTEGER) AS levels_off, CAST(NULL AS BOOLEAN) AS is_of_other_domain, CAST(NULL AS BOOLEAN) AS is_code_unknown,
    CAST(NULL AS BOOLEAN) AS has_unknown_reference, CAST(NULL AS BOOLEAN) AS has_ambiguous_reference,
    CAST(NULL AS BOOLEAN) AS needs_classification, CAST(NULL AS BOOLEAN) AS is_instrument_unknown,
    CAST(NULL AS BOOLEAN) AS has_unknown_indicator, CAST(NULL AS BOOLEAN) AS is_off_scale, CAST(NULL AS BOOLEAN) AS falls,
    CAST(NULL AS BOOLEAN) AS is_opd_unknown, CAST(NULL AS VARCHAR) AS found
WHERE false
{parts}
)
SELECT
    a.*,
    CASE WHEN a.is_missing AND k.col_no IS NOT NULL THEN true END AS is_empty,
    CASE WHEN a.is_missing AND k.col_no IS NULL
        AND a.row_key = min(a.row_key) OVER (PARTITION BY a.source_no, a.field, a.is_missing) THEN true END AS is_column_missing
FROM asked AS a
JOIN source AS s USING (source_no)
LEFT JOIN read.column AS k ON s.content_no = k.content_no AND a.field = k.field;
