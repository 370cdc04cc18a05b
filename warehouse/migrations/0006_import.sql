-- Figures that others published, as their files hold them. Rows are added, never changed; the latest import of an institution and
-- year counts, from the run after it on.
CREATE TABLE raw.import (
    import_no INTEGER NOT NULL,
    imported_at TIMESTAMP NOT NULL,
    after_run_no BIGINT NOT NULL,
    content_hash VARCHAR NOT NULL,
    file_name VARCHAR NOT NULL
);

-- Grain: one row per import, institution, year and part; printed: the figure as it stands in the file.
CREATE TABLE raw.import_figure (
    import_no INTEGER NOT NULL,
    portal_code VARCHAR NOT NULL,
    institution VARCHAR NOT NULL,
    institution_kind VARCHAR NOT NULL,
    region VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    part VARCHAR NOT NULL,
    printed VARCHAR NOT NULL
);
