-- Grain: one row per institution that isn't built tonight: its own last night, and the run that built it.
-- Reads: history.night, tonight.
SELECT institution_code, snapshot_on, run_no, run_id
FROM history.night
ANTI JOIN tonight USING (institution_code)
QUALIFY snapshot_on = max(snapshot_on) OVER (PARTITION BY institution_code)
ORDER BY snapshot_on, run_no, institution_code;
