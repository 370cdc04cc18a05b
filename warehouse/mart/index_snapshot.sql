-- Grain: one row per institution, year, stage and night.
-- Reads: core.index, ref.predicate.
-- Why:   exact to the end, rounded once: published 2.59 is 2.594, not a sum of rounded domains. The predicate is
--        that of the rounded figure (assumed, docs/decisions.md).
SELECT
    institution_code,
    year,
    stage,
    getvariable('snapshot_on') AS snapshot_on,
    instrument_code,
    exact(index_numerator, index_denominator) AS index_exact,
    shown(index_numerator, index_denominator) AS index_value,
    predicate_of(instrument_code, shown(index_numerator, index_denominator)) AS predicate,
    percent(answered_count, indicator_count) AS coverage_pct,
    answered_count,
    indicator_count,
    is_stale,
    getvariable('run_id') AS run_id
FROM core.index;
