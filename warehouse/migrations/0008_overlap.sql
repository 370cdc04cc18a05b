-- Applications of each institution that are likely the same, and the case they were found for: looked for again when it changes.
CREATE TABLE read.overlap (
    institution_code VARCHAR NOT NULL,
    case_hash VARCHAR NOT NULL,
    overlap_version VARCHAR NOT NULL,
    pairs STRUCT(listed_by_a VARCHAR, object_id_a VARCHAR, listed_by_b VARCHAR, object_id_b VARCHAR, score DECIMAL(5, 2),
        name_similarity DECIMAL(5, 2), function_similarity DECIMAL(5, 2), url_similarity DECIMAL(5, 2), reason VARCHAR)[] NOT NULL
);
