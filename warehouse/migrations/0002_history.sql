-- What was published, and what held when. valid_from is the first night, valid_to the first night that it no longer held.
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
    code_version VARCHAR NOT NULL,
    rule_version VARCHAR NOT NULL
);

-- Grain: one row per run and institution whose workbooks were asked for. is_full: none was taken as unchanged unread.
CREATE TABLE history.visit (
    run_no BIGINT NOT NULL,
    snapshot_on DATE NOT NULL,
    institution_code VARCHAR NOT NULL,
    is_full BOOLEAN NOT NULL,
    reading_version VARCHAR NOT NULL
);

-- Grain: one row per institution and night that was built, and by which run.
CREATE TABLE history.night (
    institution_code VARCHAR NOT NULL,
    snapshot_on DATE NOT NULL,
    run_no BIGINT NOT NULL,
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
    worksheet VARCHAR,
    cell VARCHAR,
    content_hash VARCHAR,
    workbook VARCHAR,
    fetched_at TIMESTAMP,
    valid_from DATE NOT NULL,
    valid_to DATE
);

-- Grain: one row per institution, year, OPD and unbroken stretch of equal nights: the columns of mart.opd_snapshot.
CREATE TABLE history.opd_snapshot (
    institution_code VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    opd_code VARCHAR NOT NULL,
    opd_name VARCHAR,
    carried_count INTEGER NOT NULL,
    answered_count INTEGER NOT NULL,
    accepted_count INTEGER NOT NULL,
    rejected_count INTEGER NOT NULL,
    warning_count INTEGER NOT NULL,
    completeness_pct DECIMAL(5, 2),
    points_carried DECIMAL(18, 10) NOT NULL,
    points_blocked DECIMAL(18, 10) NOT NULL,
    last_changed_on DATE,
    is_stale BOOLEAN NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE
);

-- What the register said, each fact once for an unbroken stretch of nights.
CREATE TABLE history.opd (
    institution_code VARCHAR NOT NULL,
    opd_code VARCHAR NOT NULL,
    opd_name VARCHAR,
    is_active BOOLEAN NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE
);
CREATE TABLE history.carrier (
    institution_code VARCHAR NOT NULL,
    instrument_code VARCHAR NOT NULL,
    indicator_no VARCHAR NOT NULL,
    opd_code VARCHAR NOT NULL,
    supporters VARCHAR[] NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE
);
CREATE TABLE history.target (
    institution_code VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    target_index DECIMAL(4, 2) NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE
);
CREATE TABLE history.verdict (
    institution_code VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    stage VARCHAR NOT NULL,
    indicator_no VARCHAR NOT NULL,
    score_units BIGINT NOT NULL,
    worksheet VARCHAR NOT NULL,
    cell VARCHAR NOT NULL,
    content_hash VARCHAR NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE
);
