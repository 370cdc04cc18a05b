-- Grain: one row per OPD, year and indicator with an answer that counts for it; source_no, content_no, row_no: where it stands.
-- Reads: core.answer, core.handed_answer.
-- Why:   whom an answer counts for and whose workbook it stands in are two things since OPD are merged.
CREATE OR REPLACE VIEW core.counted_answer AS
FROM core.answer
UNION ALL BY NAME
FROM core.handed_answer;
