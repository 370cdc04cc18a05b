-- What tells one state of a workbook from another, and which run really read it.
-- version: as the source names it, empty where it can't; read_run_no: the run whose read the content is, NULL in
-- rows from before (they were all read). statuses_hash, summary_hash: our own marks as found in it, empty if unread.
ALTER TABLE raw.fetch ADD COLUMN version VARCHAR DEFAULT '';
ALTER TABLE raw.fetch ADD COLUMN read_run_no BIGINT;
ALTER TABLE raw.fetch ADD COLUMN statuses_hash VARCHAR DEFAULT '';
ALTER TABLE raw.fetch ADD COLUMN summary_hash VARCHAR DEFAULT '';
