-- The instruments, stages and efforts (filled from seeds/ at every start) and the rules (from expectations/, when rows are judged).
-- Weights are whole units of the instrument's unit_total, so that thirds stay exact.
CREATE OR REPLACE TABLE ref.instrument (
    instrument_code VARCHAR, instrument_name VARCHAR, first_year INTEGER, last_year INTEGER,
    lowest_score INTEGER, highest_score INTEGER, score_range VARCHAR, score_decimals INTEGER, unit_total INTEGER);
CREATE OR REPLACE TABLE ref.instrument_year (year VARCHAR, instrument_code VARCHAR);
CREATE OR REPLACE TABLE ref.domain (instrument_code VARCHAR, domain_no INTEGER, domain_name VARCHAR, weight_units INTEGER);
CREATE OR REPLACE TABLE ref.aspect (
    instrument_code VARCHAR, aspect_no INTEGER, domain_no INTEGER, aspect_name VARCHAR, weight_units INTEGER);
CREATE OR REPLACE TABLE ref.indicator (
    instrument_code VARCHAR, indicator_no VARCHAR, aspect_no INTEGER, indicator_name VARCHAR,
    kind VARCHAR, gate_level INTEGER, gate_kind VARCHAR, is_external BOOLEAN, weight_units INTEGER);
CREATE OR REPLACE TABLE ref.predicate (instrument_code VARCHAR, predicate VARCHAR, from_index DECIMAL(4, 2));
CREATE OR REPLACE TABLE ref.stage (stage VARCHAR, stage_no INTEGER, stage_name VARCHAR, falls_back BOOLEAN);
CREATE OR REPLACE TABLE ref.effort (effort_kind VARCHAR, to_level INTEGER, effort DECIMAL(9, 4), months INTEGER, about VARCHAR);
CREATE OR REPLACE TABLE ref.indicator_effort (instrument_code VARCHAR, indicator_no VARCHAR, effort_kind VARCHAR);
CREATE OR REPLACE TABLE ref.analysis_setting (name VARCHAR, value INTEGER, about VARCHAR);
CREATE OR REPLACE TABLE ref.published_average (institution VARCHAR, year INTEGER, part VARCHAR, source VARCHAR, printed VARCHAR);
CREATE OR REPLACE TABLE ref.institution_word (word VARCHAR, means VARCHAR);
CREATE OR REPLACE TABLE ref.evaluation_calendar (year INTEGER, event VARCHAR, first_on DATE, last_on DATE, about VARCHAR);
CREATE OR REPLACE TABLE ref.crosswalk (
    from_instrument VARCHAR, from_no VARCHAR, to_instrument VARCHAR, to_no VARCHAR, sureness VARCHAR, reason VARCHAR);
CREATE OR REPLACE TABLE ref.rule (
    suite VARCHAR, rule_code VARCHAR, field VARCHAR, severity VARCHAR, found VARCHAR, message VARCHAR);
CREATE OR REPLACE TABLE ref.field (worksheet VARCHAR, field VARCHAR, header VARCHAR, is_shown BOOLEAN, hint VARCHAR);
CREATE OR REPLACE TABLE ref.object_kind (
    object_kind VARCHAR, worksheet VARCHAR, domain VARCHAR, table_name VARCHAR, kind_name VARCHAR, id_prefix VARCHAR);
CREATE OR REPLACE TABLE ref.object_field (
    worksheet VARCHAR, object_kind VARCHAR, field VARCHAR, header VARCHAR, reader VARCHAR, need VARCHAR, refers_to VARCHAR);
CREATE OR REPLACE TABLE ref.sensitive_word (told_by VARCHAR, word VARCHAR, about VARCHAR);
-- Codes of a reference that the user has added; levels: the code without its prefix.
CREATE OR REPLACE TABLE ref.code_list (reference VARCHAR, levels VARCHAR, name VARCHAR);
CREATE OR REPLACE TABLE ref.roadmap_content (content VARCHAR, content_name VARCHAR);
CREATE OR REPLACE TABLE ref.fact (fact_code VARCHAR, fact_name VARCHAR, about VARCHAR);
CREATE OR REPLACE TABLE ref.indicator_fact (
    instrument_code VARCHAR, indicator_no VARCHAR, fact_code VARCHAR, level INTEGER, min_pct DECIMAL(5, 2), sureness VARCHAR, reason VARCHAR);
CREATE OR REPLACE TABLE ref.overlap_word (word VARCHAR, role VARCHAR, means VARCHAR);
CREATE OR REPLACE TABLE ref.overlap_role (role VARCHAR, shared INTEGER, unshared INTEGER, tells BOOLEAN, about VARCHAR);
CREATE OR REPLACE TABLE ref.overlap_reason (part VARCHAR, from_similarity INTEGER, words VARCHAR);
-- What people decided on pairs of applications, as they wrote it down.
CREATE OR REPLACE TABLE ref.overlap_decision (
    institution_code VARCHAR, opd_a VARCHAR, id_a VARCHAR, opd_b VARCHAR, id_b VARCHAR, decision VARCHAR, note VARCHAR);
