-- A night's points rest on the weights of that night: they're kept with the scores. Rows of before get those of today.
CREATE TABLE history.weighed_score AS
SELECT h.* EXCLUDE (valid_from, valid_to), n.weight_units, i.unit_total, h.valid_from, h.valid_to
FROM history.indicator_score AS h
JOIN ref.indicator AS n USING (instrument_code, indicator_no)
JOIN ref.instrument AS i USING (instrument_code);
DROP TABLE history.indicator_score;
ALTER TABLE history.weighed_score RENAME TO indicator_score;
