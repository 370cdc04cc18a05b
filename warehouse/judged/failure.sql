-- Grain: one row per judged data row, field and rule that it fails, filled as the suites are judged. found: what to show, where that's not
--        the cell itself.
CREATE OR REPLACE TABLE judged.failure (suite VARCHAR, row_key BIGINT, rule_code VARCHAR, field VARCHAR, found VARCHAR);
