-- What history answers.

-- The latest night on which a workbook could be used, as known to a run, whatever came after: the last visit before what came after it.
-- (Aliases of its own: an argument such as f.opd_code is put in as it's written.)
CREATE OR REPLACE TEMP MACRO last_good_on(institution, opd, known_run_no) AS (
    SELECT CASE WHEN max(good_visit.snapshot_on) > getvariable('snapshot_on') THEN getvariable('snapshot_on')
        ELSE max(good_visit.snapshot_on) END
    FROM (
        SELECT institution_code, opd_code, state, run_no AS from_run_no,
            coalesce(lead(run_no) OVER (PARTITION BY institution_code, opd_code ORDER BY run_no), 9223372036854775807) AS to_run_no
        FROM raw.fetch
        WHERE run_no <= known_run_no
    ) AS good_stretch
    JOIN history.visit AS good_visit ON good_stretch.institution_code = good_visit.institution_code
        AND good_visit.run_no >= good_stretch.from_run_no AND good_visit.run_no < good_stretch.to_run_no
        AND good_visit.run_no <= known_run_no
    WHERE good_stretch.institution_code = institution AND good_stretch.opd_code = opd AND good_stretch.state = 'good');
