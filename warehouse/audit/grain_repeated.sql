-- Returns: a published table with two rows of one grain.
SELECT institution_code, format('index_snapshot berulang: {} {}', year, stage) AS finding
FROM mart.index_snapshot JOIN tonight USING (institution_code) GROUP BY institution_code, year, stage, snapshot_on HAVING count(*) > 1
UNION ALL
SELECT institution_code, format('domain_snapshot berulang: {} {} {}', year, stage, domain_no)
FROM mart.domain_snapshot JOIN tonight USING (institution_code) GROUP BY institution_code, year, stage, snapshot_on, domain_no HAVING count(*) > 1
UNION ALL
SELECT institution_code, format('aspect_snapshot berulang: {} {} {}', year, stage, aspect_no)
FROM mart.aspect_snapshot JOIN tonight USING (institution_code) GROUP BY institution_code, year, stage, snapshot_on, aspect_no HAVING count(*) > 1
UNION ALL
SELECT institution_code, format('indicator_snapshot berulang: {} {} {}', year, stage, indicator_no)
FROM mart.indicator_snapshot JOIN tonight USING (institution_code) GROUP BY institution_code, year, stage, indicator_no HAVING count(*) > 1
UNION ALL
SELECT institution_code, format('evidence berulang: {} {} {}', year, opd_code, indicator_no)
FROM mart.evidence JOIN tonight USING (institution_code) GROUP BY institution_code, year, opd_code, indicator_no, url HAVING count(*) > 1
UNION ALL
SELECT institution_code, format('index_trend berulang: {} {}', year, stage)
FROM mart.index_trend JOIN tonight USING (institution_code) GROUP BY institution_code, year, stage, snapshot_on HAVING count(*) > 1
UNION ALL
SELECT institution_code, format('year_trend berulang: {}', year)
FROM mart.year_trend JOIN tonight USING (institution_code) GROUP BY institution_code, year HAVING count(*) > 1
UNION ALL
SELECT institution_code, format('index_change berulang: {} {} {}', year, stage, indicator_no)
FROM mart.index_change JOIN tonight USING (institution_code) GROUP BY institution_code, year, stage, snapshot_on, indicator_no HAVING count(*) > 1
UNION ALL
SELECT institution_code, format('opd_snapshot berulang: {} {}', year, opd_code)
FROM mart.opd_snapshot JOIN tonight USING (institution_code) GROUP BY institution_code, year, opd_code, snapshot_on HAVING count(*) > 1
UNION ALL
SELECT institution_code, format('opd_blocker berulang: {} {} {}', year, indicator_no, opd_code)
FROM mart.opd_blocker JOIN tonight USING (institution_code) GROUP BY institution_code, year, indicator_no, opd_code HAVING count(*) > 1
UNION ALL
SELECT institution_code, format('official_estimate berulang: {} {}', year, stage)
FROM mart.official_estimate JOIN tonight USING (institution_code) GROUP BY institution_code, year, stage HAVING count(*) > 1
UNION ALL
SELECT institution_code, format('history.rejection berulang: {} {}', worksheet, rule_code)
FROM history.rejection JOIN tonight USING (institution_code)
GROUP BY institution_code, opd_code, worksheet, year, indicator_no, key_row_no, column_name, rule_code, found, valid_from
HAVING count(*) > 1
UNION ALL
SELECT institution_code, format('history.indicator_score berulang: {} {} {}', year, stage, indicator_no)
FROM history.indicator_score JOIN tonight USING (institution_code) WHERE valid_to IS NULL
GROUP BY institution_code, year, stage, indicator_no HAVING count(*) > 1;
