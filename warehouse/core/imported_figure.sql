-- Grain: one row per institution of the evaluation portal, year and part, as the latest import before tonight's runs has it.
-- Reads: raw.import, raw.import_figure, tonight.
CREATE OR REPLACE TABLE core.imported_figure AS
SELECT f.* EXCLUDE (import_no)
FROM raw.import_figure AS f
JOIN raw.import AS i USING (import_no)
WHERE i.after_run_no < coalesce((SELECT max(run_no) FROM tonight), 9223372036854775807)
QUALIFY f.import_no = max(f.import_no) OVER (PARTITION BY f.portal_code, f.year);
