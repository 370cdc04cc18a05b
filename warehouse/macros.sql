-- Exact arithmetic on the way to an index: integers in, one half-up rounding by integer division out.
-- DuckDB's / and avg are floating point and round 31 of the 8,001 possible index sums wrong.

-- A non-negative ratio of integers with ten decimals.
CREATE OR REPLACE MACRO exact(numerator, denominator) AS CAST(
    CAST((2 * CAST(numerator AS HUGEINT) * 10000000000 + denominator) // (2 * CAST(denominator AS HUGEINT)) AS DECIMAL(18, 0))
    * CAST('0.0000000001' AS DECIMAL(10, 10)) AS DECIMAL(18, 10));

-- The same ratio as people see it: two decimals, a tie rounds up.
CREATE OR REPLACE MACRO shown(numerator, denominator) AS CAST(
    CAST((2 * CAST(numerator AS HUGEINT) * 100 + denominator) // (2 * CAST(denominator AS HUGEINT)) AS DECIMAL(18, 0))
    * CAST('0.01' AS DECIMAL(2, 2)) AS DECIMAL(4, 2));

-- A share of a whole in percent, two decimals.
CREATE OR REPLACE MACRO percent(part, whole) AS CAST(
    CAST((2 * CAST(part AS HUGEINT) * 10000 + whole) // (2 * CAST(whole AS HUGEINT)) AS DECIMAL(18, 0))
    * CAST('0.01' AS DECIMAL(2, 2)) AS DECIMAL(5, 2));

-- A score as a whole number of ten-thousandths, exact for every score with up to four decimals.
CREATE OR REPLACE MACRO score_units(score_text) AS
    CAST(CAST(score_text AS DECIMAL(9, 4)) * 10000 AS BIGINT);

-- Score units back as a score.
CREATE OR REPLACE MACRO unit_score(units) AS CAST(CAST(units AS DECIMAL(18, 0)) * CAST('0.0001' AS DECIMAL(4, 4)) AS DECIMAL(18, 10));

-- Inside a grouping of read.field by row: what a field holds in a column (value, problem or place), if anything.
CREATE OR REPLACE MACRO value_of(field, holding, name) AS max(nullif(holding, '')) FILTER (field = name);
CREATE OR REPLACE MACRO holds(field, name) AS count(*) FILTER (field = name) > 0;

-- What a cell may show to others: no control characters, no long runs of digits (identity numbers, spaced ones too), 80 characters.
CREATE OR REPLACE MACRO presentable(words) AS
    left(regexp_replace(regexp_replace(words, '[\x00-\x1f\x7f-\x9f\x{2028}\x{2029}\x{202a}-\x{202e}\x{2066}-\x{2069}]', ' ', 'g'), '\p{Nd}{9,}|\p{Nd}(?:[ .-]?\p{Nd}){11,}', '*********', 'g'), 80);

-- A rule's message about one cell.
CREATE OR REPLACE MACRO spoken(message, cell, indicator_no, year, score_range, found) AS
    replace(replace(replace(replace(replace(message,
        '{cell}', cell), '{indicator}', coalesce(indicator_no, '-')), '{year}', coalesce(CAST(year AS VARCHAR), '-')),
        '{score_range}', score_range), '{found}', found);

-- The predicate of a shown index under an instrument.
CREATE OR REPLACE MACRO predicate_of(code, shown_index) AS (
    SELECT arg_max(p.predicate, p.from_index) FROM ref.predicate AS p
    WHERE p.instrument_code = code AND p.from_index <= shown_index);
