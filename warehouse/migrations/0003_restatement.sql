-- Grain: one row per index that was published once and is another now, and why; the figure before stays here.
CREATE TABLE history.restatement (
    institution_code VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    stage VARCHAR NOT NULL,
    snapshot_on DATE NOT NULL,
    restated_at TIMESTAMP NOT NULL,
    reason VARCHAR NOT NULL,
    index_before DECIMAL(18, 10),
    index_after DECIMAL(18, 10),
    value_before DECIMAL(4, 2),
    value_after DECIMAL(4, 2),
    predicate_before VARCHAR,
    predicate_after VARCHAR,
    run_id_before VARCHAR,
    run_id_after VARCHAR NOT NULL
);
