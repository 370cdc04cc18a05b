-- Grain: one row per application of an institution whose overlaps aren't known, numbered by its key.
-- Reads: figures.application, core.overlap_unsolved, ref.overlap_word.
-- Why:   an address is told by its host and path; what's only a door of the same house (login, index.php) says nothing.
CREATE OR REPLACE TABLE core.overlap_application AS
WITH door AS (
    SELECT list(word) AS doors FROM ref.overlap_word WHERE role = 'address'
),
read AS (
    SELECT
        institution_code,
        listed_by_opd_code,
        object_id,
        opd_code,
        object_name,
        nullif(trim(translate(lower(concat_ws(' ', function, description)), '.,;:()/' || chr(10), '        ')), '') AS about,
        regexp_extract(lower(url), '^\s*(?:[a-z]+://)?(?:www\.)?([^/?#:\s]+)[^/?#]*([^?#\s]*)', ['host', 'path']) AS address,
        regexp_extract(lower(url), '[?&](id=[^&#]+)', 1) AS named
    FROM figures.application
    SEMI JOIN core.overlap_unsolved USING (institution_code)
)
SELECT
    row_number() OVER (ORDER BY institution_code, listed_by_opd_code, object_id) AS application_no,
    * EXCLUDE (address, named, doors),
    nullif(address.host, '') AS host,
    host || '/' || array_to_string(list_filter(string_split(address.path, '/'), lambda one: one <> ''
        AND NOT list_contains(doors, regexp_replace(one, '[.][a-z]+$', ''))), '/')
        || named AS address
FROM read, door;
