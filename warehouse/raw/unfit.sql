-- Grain: one row per institution that can't be built tonight, and why.
-- Reads: weighed_fetch.
-- Why:   with most workbooks unread a figure would rest on yesterday's data and call itself tonight's.
SELECT
    institution_code,
    format('{} dari {} berkas OPD tidak terbaca, melebihi batas {} persen', count(*) FILTER (state <> 'good'), count(*),
        getvariable('failed_workbooks_pct')) AS finding
FROM weighed_fetch
WHERE opd_code <> ''
GROUP BY institution_code
HAVING count(*) FILTER (state <> 'good') * 100 > count(*) * getvariable('failed_workbooks_pct');
