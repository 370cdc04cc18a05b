-- Exact arithmetic on the way to an index: integers in, one half-up rounding by integer division out.
-- DuckDB's / and avg are floating point and round 31 of the 8,001 possible index sums wrong.

-- A non-negative ratio of integers with ten decimals.
CREATE OR REPLACE TEMP MACRO exact(numerator, denominator) AS CAST(
    CAST((2 * CAST(numerator AS HUGEINT) * 10000000000 + denominator) // (2 * CAST(denominator AS HUGEINT)) AS DECIMAL(18, 0))
    * CAST('0.0000000001' AS DECIMAL(10, 10)) AS DECIMAL(18, 10));

-- The same ratio as people see it: two decimals, a tie rounds up.
CREATE OR REPLACE TEMP MACRO shown(numerator, denominator) AS CAST(
    CAST((2 * CAST(numerator AS HUGEINT) * 100 + denominator) // (2 * CAST(denominator AS HUGEINT)) AS DECIMAL(18, 0))
    * CAST('0.01' AS DECIMAL(2, 2)) AS DECIMAL(4, 2));

-- A ratio's nearest whole number; a half goes away from zero.
CREATE OR REPLACE TEMP MACRO nearest(numerator, denominator) AS
    CAST(sign(numerator) * ((2 * abs(CAST(numerator AS HUGEINT)) + denominator) // (2 * CAST(denominator AS HUGEINT))) AS BIGINT);

-- A share of a whole in percent, two decimals.
CREATE OR REPLACE TEMP MACRO percent(part, whole) AS CAST(
    CAST((2 * CAST(part AS HUGEINT) * 10000 + whole) // (2 * CAST(whole AS HUGEINT)) AS DECIMAL(18, 0))
    * CAST('0.01' AS DECIMAL(2, 2)) AS DECIMAL(5, 2));

-- A score as a whole number of ten-thousandths, exact for every score with up to four decimals.
CREATE OR REPLACE TEMP MACRO score_units(score_text) AS
    CAST(CAST(score_text AS DECIMAL(9, 4)) * 10000 AS BIGINT);

-- Score units back as a score.
CREATE OR REPLACE TEMP MACRO unit_score(units) AS CAST(CAST(units AS DECIMAL(18, 0)) * CAST('0.0001' AS DECIMAL(4, 4)) AS DECIMAL(18, 10));

-- A judged row's key among all worksheets in force: the worksheet's number and the row's; and the worksheet's number back.
CREATE OR REPLACE TEMP MACRO row_key(source_no, row_no) AS CAST(source_no AS BIGINT) * 16777216 + row_no;
CREATE OR REPLACE TEMP MACRO source_of(row_key) AS CAST(row_key AS BIGINT) // 16777216;

-- A column's letters: 1 is A, 27 is AA.
CREATE OR REPLACE TEMP MACRO column_letter(col_no) AS
    CASE WHEN col_no > 702 THEN chr(CAST(64 + (col_no - 27) // 676 AS INTEGER)) ELSE '' END
    || CASE WHEN col_no > 26 THEN chr(CAST(65 + ((col_no - 1) // 26 - 1) % 26 AS INTEGER)) ELSE '' END
    || chr(CAST(65 + (col_no - 1) % 26 AS INTEGER));

-- What a plain cell says, read without Python: printable text with nothing odd around it, one plain link, a year, a number
-- without frills, a day of a date cell. NULL where cells.py has to look. Proven equal to it, spelling by spelling, in tests.
CREATE OR REPLACE TEMP MACRO plain_year(kind, words) AS
    CASE WHEN kind IN ('t', 'n') AND regexp_full_match(words, '[1-9][0-9]{3}') THEN words END;
CREATE OR REPLACE TEMP MACRO plain_indicator(kind, words) AS
    CASE WHEN kind IN ('t', 'n') AND regexp_full_match(words, '[1-9][0-9]{0,3}') THEN words END;
CREATE OR REPLACE TEMP MACRO plain_date(kind, words) AS
    CASE WHEN kind = 'd' AND regexp_full_match(words, '[12][0-9]{3}-[0-9]{2}-[0-9]{2}') AND TRY_CAST(words AS DATE) IS NOT NULL THEN words END;
CREATE OR REPLACE TEMP MACRO plain_text(kind, words) AS
    CASE WHEN kind = 't' AND regexp_full_match(words, '[!"$-~]([ -~]*[!-~])?') THEN words END;
CREATE OR REPLACE TEMP MACRO plain_code(kind, words) AS
    CASE WHEN kind = 't' AND regexp_full_match(words, '[A-Z0-9]+([._/-][A-Z0-9]+)*') THEN words END;
CREATE OR REPLACE TEMP MACRO plain_references(kind, words) AS
    CASE WHEN kind = 't' AND regexp_full_match(words, '[A-Z0-9]+([._/-][A-Z0-9]+)*') THEN '["' || words || '"]' END;
CREATE OR REPLACE TEMP MACRO plain_links(kind, words) AS
    CASE WHEN kind = 't' AND length(words) <= 2000
        AND regexp_full_match(words, 'https://[a-z0-9]{1,30}([.][a-z0-9]{1,30})+(/[A-Za-z0-9_/.?=&%+~-]*)?')
        THEN '["' || words || '"]' END;

-- The links of a cell, out of the list as it was read; most are one plain link, which needs no JSON.
CREATE OR REPLACE TEMP MACRO listed_links(list_text) AS
    CASE WHEN contains(list_text, '", "') OR contains(list_text, chr(92)) THEN from_json(list_text, '["VARCHAR"]')
        ELSE [list_text[3:-3]] END;

-- What a cell says where it says anything: a dash fills a cell and says nothing.
CREATE OR REPLACE TEMP MACRO said(words) AS CASE WHEN length(words) > 8 OR regexp_matches(words, '[\p{L}\p{Nd}]') THEN words END;

-- The key by which names are equal: letters and digits alone, case aside.
CREATE OR REPLACE TEMP MACRO loosened(words) AS trim(regexp_replace(lower(words), '[^\p{L}\p{Nd}]+', ' ', 'g'));

-- What a cell may show to others: no control characters, no long runs of digits (identity numbers, spaced ones too), 80 characters.
CREATE OR REPLACE TEMP MACRO presentable(words) AS
    left(regexp_replace(regexp_replace(words, '[\x00-\x1f\x7f-\x9f\x{2028}\x{2029}\x{202a}-\x{202e}\x{2066}-\x{2069}]', ' ', 'g'), '\p{Nd}{9,}|\p{Nd}(?:[ .-]?\p{Nd}){11,}', '*********', 'g'), 80);

-- A rule's message about one cell.
CREATE OR REPLACE TEMP MACRO spoken(message, cell, indicator_no, year, score_range, found) AS
    replace(replace(replace(replace(replace(message,
        '{cell}', cell), '{indicator}', coalesce(indicator_no, '-')), '{year}', coalesce(CAST(year AS VARCHAR), '-')),
        '{score_range}', score_range), '{found}', found);

-- The predicate of a shown index under an instrument. The alias is one that no caller uses: an argument `p.x` would be read as its own.
CREATE OR REPLACE TEMP MACRO predicate_of(code, shown_index) AS (
    SELECT arg_max(_predicate.predicate, _predicate.from_index) FROM ref.predicate AS _predicate
    WHERE _predicate.instrument_code = code AND _predicate.from_index <= shown_index);

-- What the analysis assumes, from seeds/analysis_setting.csv.
CREATE OR REPLACE TEMP MACRO setting(wanted) AS (SELECT any_value(value) FROM ref.analysis_setting WHERE name = wanted);

-- A projected value kept within the scale, two decimals.
CREATE OR REPLACE TEMP MACRO on_scale(projected, lowest, highest) AS CAST(least(greatest(projected, lowest), highest) AS DECIMAL(4, 2));

-- How alike names must be at least for two applications to reach the threshold without the same address.
CREATE OR REPLACE TEMP MACRO overlap_floor() AS setting('overlap_threshold')
    - ((100 - setting('overlap_function_neutral')) * setting('overlap_function_pct') + 99) // 100;

-- What a likeness of a part (name, function, url) is called, from seeds/overlap_reason.csv.
CREATE OR REPLACE TEMP MACRO overlap_reason(wanted, likeness) AS replace((
    SELECT arg_max(_reason.words, _reason.from_similarity) FROM ref.overlap_reason AS _reason
    WHERE _reason.part = wanted AND _reason.from_similarity <= likeness), '{n}', CAST(CAST(floor(likeness) AS INTEGER) AS VARCHAR));
