-- What held when. valid_from is the first night, valid_to the first night that it no longer held.
CREATE SCHEMA history;

-- Grain: one row per run of a night, whatever came of it.
CREATE TABLE history.run (
    run_no BIGINT PRIMARY KEY,
    run_id VARCHAR NOT NULL UNIQUE,
    snapshot_on DATE NOT NULL,
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP NOT NULL,
    state VARCHAR NOT NULL,
    workbooks_read INTEGER NOT NULL,
    workbooks_unchanged INTEGER NOT NULL,
    workbooks_failed INTEGER NOT NULL,
    rows_read INTEGER NOT NULL,
    rows_accepted INTEGER NOT NULL,
    rows_rejected INTEGER NOT NULL,
    rows_blank INTEGER NOT NULL,
    api_calls INTEGER NOT NULL,
    code_version VARCHAR NOT NULL
);

-- Grain: one row per institution and night that was built.
CREATE TABLE history.night (
    institution_code VARCHAR NOT NULL,
    snapshot_on DATE NOT NULL,
    run_id VARCHAR NOT NULL
);

-- Grain: one row per rejection (its grain columns) and unbroken stretch of nights.
CREATE TABLE history.rejection (
    institution_code VARCHAR NOT NULL,
    opd_code VARCHAR,
    workbook VARCHAR NOT NULL,
    worksheet VARCHAR NOT NULL,
    year INTEGER,
    indicator_no VARCHAR,
    key_row_no INTEGER,
    column_name VARCHAR NOT NULL,
    rule_code VARCHAR NOT NULL,
    found VARCHAR NOT NULL,
    row_no INTEGER NOT NULL,
    cell VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    message VARCHAR NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE
);

-- Grain: one row per institution, year, stage, indicator and unbroken stretch of equal nights.
CREATE TABLE history.indicator_score (
    institution_code VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    stage VARCHAR NOT NULL,
    indicator_no VARCHAR NOT NULL,
    instrument_code VARCHAR NOT NULL,
    opd_code VARCHAR,
    scope_hash VARCHAR NOT NULL,
    verdict_units BIGINT,
    is_rejected BOOLEAN NOT NULL,
    claim_units BIGINT,
    is_answered BOOLEAN NOT NULL,
    score_units BIGINT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE
);
