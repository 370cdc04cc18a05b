-- Grain: one row per reference that the user has added a list of codes for: how many levels its longest codes have.
-- Reads: ref.code_list.
SELECT reference, CAST(max(len(string_split(levels, '.'))) AS INTEGER) AS depth FROM ref.code_list GROUP BY reference;
