-- Returns: a table to be published, or a state to be kept, with two rows of one grain.
SELECT institution_code, format('index_snapshot berulang: {} {}', year, stage) AS finding
FROM figures.index_snapshot GROUP BY institution_code, year, stage HAVING count(*) > 1
UNION ALL
SELECT institution_code, format('domain_snapshot berulang: {} {} {}', year, stage, domain_no)
FROM figures.domain_snapshot GROUP BY institution_code, year, stage, domain_no HAVING count(*) > 1
UNION ALL
SELECT institution_code, format('aspect_snapshot berulang: {} {} {}', year, stage, aspect_no)
FROM figures.aspect_snapshot GROUP BY institution_code, year, stage, aspect_no HAVING count(*) > 1
UNION ALL
SELECT institution_code, format('indicator_snapshot berulang: {} {} {}', year, stage, indicator_no)
FROM figures.indicator_snapshot GROUP BY institution_code, year, stage, indicator_no HAVING count(*) > 1
UNION ALL
SELECT institution_code, format('year_trend berulang: {}', year)
FROM figures.year_trend GROUP BY institution_code, year HAVING count(*) > 1
UNION ALL
SELECT institution_code, format('opd_blocker berulang: {} {} {}', year, indicator_no, opd_code)
FROM figures.opd_blocker GROUP BY institution_code, year, indicator_no, opd_code HAVING count(*) > 1
UNION ALL
SELECT institution_code, format('official_estimate berulang: {} {}', year, stage)
FROM figures.official_estimate GROUP BY institution_code, year, stage HAVING count(*) > 1
UNION ALL
SELECT institution_code, format('opd_snapshot berulang: {} {}', year, opd_code)
FROM tonight_opd_snapshot GROUP BY institution_code, year, opd_code HAVING count(*) > 1
UNION ALL
SELECT institution_code, format('rejected_row berulang: {} {}', worksheet, rule_code)
FROM tonight_rejection GROUP BY institution_code, opd_code, worksheet, year, indicator_no, key_row_no, column_name, rule_code, found HAVING count(*) > 1
UNION ALL
SELECT institution_code, format('history.indicator_score berulang: {} {} {}', year, stage, indicator_no)
FROM history.indicator_score JOIN tonight USING (institution_code) WHERE valid_to IS NULL
GROUP BY institution_code, year, stage, indicator_no HAVING count(*) > 1;
