-- Grain: one row per object of an inventory, as the OPD that lists it tells it apart (institution_code, listed_by, worksheet,
-- object_id), and unbroken stretch of nights on which it was the same. opd_code: whose it is, another than listed_by after a merger.
-- is_derived: the id was made of the name, and is kept when the name is mended. row_hash: what's said of it, body_hash all but the
-- name; attributes: the same as JSON.
CREATE TABLE history.object (
    institution_code VARCHAR NOT NULL,
    listed_by VARCHAR NOT NULL,
    worksheet VARCHAR NOT NULL,
    object_id VARCHAR NOT NULL,
    opd_code VARCHAR NOT NULL,
    object_kind VARCHAR NOT NULL,
    row_hash VARCHAR NOT NULL,
    is_derived BOOLEAN NOT NULL,
    object_name VARCHAR NOT NULL,
    name_key VARCHAR NOT NULL,
    body_hash VARCHAR,
    workbook VARCHAR NOT NULL,
    row_no INTEGER NOT NULL,
    cell VARCHAR NOT NULL,
    attributes VARCHAR NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE
);
