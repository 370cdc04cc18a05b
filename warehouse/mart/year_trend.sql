-- Grain: one row per institution and year.
-- Reads: core.index, core.own_figure, ref.stage, ref.instrument, ref.predicate.
-- Why:   the official result at full coverage, else the index published for the institution itself, else the
--        latest stage. A change across instruments, or between official or published and anything else, is no
--        comparison, and says why.
WITH candidate AS (
    SELECT institution_code, year, instrument_code, stage, shown(index_numerator, index_denominator) AS index_value,
        'computed' AS source,
        CASE WHEN stage = 'official' AND answered_count = indicator_count THEN 1 ELSE 3 END AS choice,
        s.stage_no,
        stage = 'official' AS is_final
    FROM core.index
    JOIN ref.stage AS s USING (stage)
    UNION ALL BY NAME
    SELECT r.institution_code, r.year, i.instrument_code, CAST(NULL AS VARCHAR) AS stage,
        TRY_CAST(r.published_value AS DECIMAL(4, 2)) AS index_value, 'published' AS source, 2 AS choice, 0 AS stage_no,
        true AS is_final
    FROM core.own_figure AS r
    JOIN ref.instrument AS i ON r.year BETWEEN i.first_year AND i.last_year
        AND r.published_value BETWEEN i.lowest_score AND i.highest_score
    WHERE r.part = 'Indeks'
),
chosen AS (
    SELECT * FROM candidate
    QUALIFY row_number() OVER (PARTITION BY institution_code, year ORDER BY choice, stage_no DESC) = 1
),
paired AS (
    SELECT
        *,
        index_value - lag(index_value) OVER before AS change,
        lag(instrument_code) OVER before AS instrument_before,
        lag(is_final) OVER before AS was_final
    FROM chosen
    WINDOW before AS (PARTITION BY institution_code ORDER BY year)
)
SELECT
    institution_code,
    year,
    instrument_code,
    stage,
    index_value,
    predicate_of(instrument_code, index_value) AS predicate,
    change,
    coalesce(instrument_before = instrument_code AND was_final = is_final, false) AS is_comparable,
    CASE
        WHEN instrument_before IS NULL THEN NULL
        WHEN instrument_before <> instrument_code THEN 'instrument'
        WHEN was_final <> is_final THEN 'stage'
    END AS break_reason,
    source
FROM paired;
