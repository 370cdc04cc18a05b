-- The inventories of a country: inventory (one row per OPD and worksheet) and listed_object (one row per object: which of its OPD's
-- it is, of which kind, and a number that its cells follow from). Variables: salt.
CREATE MACRO draw(h, about) AS CAST(hash(h, about) // 4 AS BIGINT);
CREATE TABLE inventory AS
SELECT o.n, o.institution_code, o.opd_code, w.worksheet, sha256(format('{} {} {} {}', $salt, o.n, o.opd_code, w.worksheet)) AS content_hash
FROM opd AS o, inventory_worksheet AS w;
CREATE TABLE listed_object AS
SELECT i.n, i.opd_code, i.worksheet, i.content_hash, 1 + k // $opd AS no, h, w.kind_names[1 + h % len(w.kind_names)] AS kind_name
FROM inventory AS i
JOIN inventory_worksheet AS w USING (worksheet)
JOIN (SELECT worksheet, unnest(range(object_count)) AS k FROM inventory_worksheet) AS x USING (worksheet),
    LATERAL (SELECT draw(hash($salt, i.n), i.worksheet || k) AS h)
WHERE i.opd_code = format('OPD{:02d}', 1 + k % $opd);
INSERT INTO sheet BY NAME
SELECT i.n, i.institution_code, i.opd_code, i.worksheet, i.content_hash, w.columns FROM inventory AS i JOIN inventory_worksheet AS w USING (worksheet);
