-- What came in, as it came. Rows are added, never changed.
CREATE SCHEMA raw;

-- Grain: one row per distinct worksheet content.
CREATE TABLE raw.worksheet (
    content_hash VARCHAR PRIMARY KEY,
    title VARCHAR NOT NULL
);

-- Grain: one row per content and cell that holds something; a merged cell once for each cell it covers.
CREATE TABLE raw.cell (
    content_hash VARCHAR NOT NULL,
    row_no INTEGER NOT NULL,
    col_no INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    link VARCHAR NOT NULL,
    place VARCHAR NOT NULL
);

-- Grain: one row per run, institution and workbook asked for; opd_code is empty for the register.
-- state: good (its content counts), failed (couldn't be read), hollow (lost too many answers at once).
CREATE TABLE raw.fetch (
    run_no BIGINT NOT NULL,
    snapshot_on DATE NOT NULL,
    source_key VARCHAR NOT NULL,
    institution_code VARCHAR NOT NULL,
    opd_code VARCHAR NOT NULL,
    workbook VARCHAR NOT NULL,
    fetched_at TIMESTAMP NOT NULL,
    answered_count INTEGER NOT NULL,
    judged_hash VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    reason VARCHAR NOT NULL
);

-- Grain: one row per fetched workbook and worksheet; worksheet is empty where the contract knows none by that title.
CREATE TABLE raw.fetch_worksheet (
    run_no BIGINT NOT NULL,
    institution_code VARCHAR NOT NULL,
    opd_code VARCHAR NOT NULL,
    worksheet VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    content_hash VARCHAR NOT NULL
);
