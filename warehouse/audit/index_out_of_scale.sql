-- Returns: an index, domain or aspect outside its instrument's scale, or without a predicate.
SELECT s.institution_code, format('indeks {} tahun {} tahap {} di luar skala', s.index_exact, s.year, s.stage) AS finding
FROM figures.index_snapshot AS s
JOIN ref.instrument AS i USING (instrument_code)
WHERE (s.index_exact NOT BETWEEN i.lowest_score AND i.highest_score OR s.predicate IS NULL)
UNION ALL
SELECT s.institution_code, format('aspek {} tahun {} tahap {} di luar skala', s.aspect_no, s.year, s.stage) AS finding
FROM figures.aspect_snapshot AS s
JOIN ref.instrument AS i ON s.year BETWEEN i.first_year AND i.last_year
WHERE s.value_exact NOT BETWEEN i.lowest_score AND i.highest_score
UNION ALL
SELECT s.institution_code, format('domain {} tahun {} tahap {} di luar skala', s.domain_no, s.year, s.stage) AS finding
FROM figures.domain_snapshot AS s
JOIN ref.instrument AS i ON s.year BETWEEN i.first_year AND i.last_year
WHERE s.value_exact NOT BETWEEN i.lowest_score AND i.highest_score;
