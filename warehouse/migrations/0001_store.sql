-- What came in, as it came. Rows are added, never changed; the cells themselves are Parquet files beside this one.
CREATE SCHEMA raw;

-- Grain: one row per distinct worksheet content. file: the Parquet file that holds its rows, from the raw folder.
-- extra: columns that the contract doesn't know, with their place.
CREATE TABLE raw.content (
    content_no INTEGER NOT NULL,
    content_hash VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    file VARCHAR NOT NULL,
    extra VARCHAR[] NOT NULL
);

-- Grain: one row per institution, workbook asked for and run in which something about it differed from the run before;
-- opd_code is empty for the register.
-- state: good (its content counts), failed (couldn't be read), hollow (lost too many answers at once), left (no longer
-- asked for). version: as the source names it. statuses_hash, summary_hash: our own marks as found in it.
CREATE TABLE raw.fetch (
    run_no BIGINT NOT NULL,
    snapshot_on DATE NOT NULL,
    source_key VARCHAR NOT NULL,
    institution_code VARCHAR NOT NULL,
    opd_code VARCHAR NOT NULL,
    workbook VARCHAR NOT NULL,
    fetched_at TIMESTAMP NOT NULL,
    state VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    answered_count INTEGER NOT NULL,
    judged_hash VARCHAR NOT NULL,
    contents_hash VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    statuses_hash VARCHAR NOT NULL,
    summary_hash VARCHAR NOT NULL
);

-- Grain: one row per row of raw.fetch and worksheet that came; worksheet is empty where the contract knows none by that title.
CREATE TABLE raw.fetch_worksheet (
    run_no BIGINT NOT NULL,
    institution_code VARCHAR NOT NULL,
    opd_code VARCHAR NOT NULL,
    worksheet VARCHAR NOT NULL,
    content_no INTEGER NOT NULL
);

-- What the worksheet contents say, read once each; emptied and read again when the reading itself changes.
CREATE SCHEMA read;
CREATE TABLE read.reading (reading_version VARCHAR NOT NULL);
CREATE TABLE read.content (content_no INTEGER NOT NULL, last_header_row_no INTEGER NOT NULL);
CREATE TABLE read.column (content_no INTEGER NOT NULL, field VARCHAR NOT NULL, col_no INTEGER NOT NULL);

-- Grain: one row per suite and profile that Great Expectations has judged under these rules.
CREATE TABLE read.verdict (
    suite VARCHAR NOT NULL,
    rules_version VARCHAR NOT NULL,
    profile VARCHAR NOT NULL,
    rule_codes VARCHAR[] NOT NULL
);
