-- Cheapest paths that were found, by what they depend on: each case is solved once.
CREATE TABLE read.path (
    case_hash VARCHAR NOT NULL,
    planning_version VARCHAR NOT NULL,
    steps STRUCT(step_no INTEGER, indicator_no VARCHAR, from_score DECIMAL(18, 10), to_score DECIMAL(18, 10),
        points DECIMAL(18, 10), cost DECIMAL(18, 10), index_after DECIMAL(18, 10))[] NOT NULL
);
