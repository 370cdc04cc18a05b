"""The score cell: `[word] number [name]` and nothing else, under every instrument and kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import product

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spbe_etl.cells import Cell, Reading
from spbe_etl.instruments import load_instruments
from spbe_etl.reading import read_scores, read_spellings
from spbe_etl.scores import Scale, read_score, scale_of, widest_scale

INSTRUMENTS = load_instruments()
PROCESS, SERVICE = ("spbe-2020", "process"), ("spbe-2020", "service")
SPBE_2018, PEMDI = ("spbe-2018", ""), ("pemdi-2026", "")
SCALES: Mapping[tuple[str, str], Scale] = {
    (code, kind): scale_of(INSTRUMENTS[code], kind) for code, kind in (PROCESS, SERVICE, SPBE_2018, PEMDI)
}
KINDS_OF_CELL = ("text", "number", "date", "boolean", "error", "formula")
PROBLEMS = {
    *("blank", "error", "date", "boolean", "formula", "unreadable", "range", "fraction", "too_many_decimals"),
    *("out_of_range", "name_alone", "name_contradicts", "name_of_other_kind"),
}

# Literal copies of the contract and of FACTS.
WORDS = ("tingkat", "tingkat kematangan", "level", "lv", "nilai", "skor")
ROMAN = {0: "", 1: "I", 2: "II", 3: "III", 4: "IV", 5: "V"}
FULL_WIDTH = dict(enumerate("０１２３４５"))
NAMES: Mapping[tuple[str, str], Mapping[int, tuple[str, ...]]] = {
    PROCESS: {
        1: ("Rintisan",),
        2: ("Terkelola",),
        3: ("Terstandardisasi", "Terdefinisi"),
        4: ("Terintegrasi dan Terukur", "Terpadu dan Terukur"),
        5: ("Optimum",),
    },
    SERVICE: {1: ("Informasi",), 2: ("Interaksi",), 3: ("Transaksi",), 4: ("Kolaborasi",), 5: ("Optimalisasi",)},
    SPBE_2018: {},
    PEMDI: {},
}
SHAPES = (
    "({})",
    " ({})",
    " [{}]",
    " - {}",
    "-{}",
    " – {}",
    " — {}",
    ": {}",
    " : {}",
    ":{}",
    "（{}）",
    " － {}",
    "：{}",
)
each_scale = pytest.mark.parametrize("key", SCALES, ids="/".join)


def read(text: str, key: tuple[str, str], kind: str = "text") -> Reading:
    return read_score(Cell(kind, text), SCALES[key])


def numbers(level: int) -> list[str]:
    forms = [f"{level}", f"{level}.0", f"{level},0", f"{level}.", f"{level}.000", f" {level} ", FULL_WIDTH[level]]
    return [*forms, *filter(None, [ROMAN[level]])]


def worded(number: str) -> Iterator[str]:
    yield number
    for word in WORDS:
        for spelled in (word, word.upper(), word.title(), word.replace(" ", "\n")):
            yield f"{spelled} {number}"
            yield f"  {spelled}\u00a0 {number}\t"


@each_scale
def test_every_word_with_every_number_is_its_number(key: tuple[str, str]) -> None:
    scale = SCALES[key]
    read_wrong = {
        text: found
        for level in range(scale.lowest, scale.highest + 1)
        for number in numbers(level)
        for text in worded(number)
        if (found := read(text, key)) != Reading(str(level))
    }
    assert read_wrong == {}


@pytest.mark.parametrize("key", [PROCESS, SERVICE], ids="/".join)
def test_every_word_number_and_name_in_every_shape(key: tuple[str, str]) -> None:
    mistakes = {}
    for level, (of_level, names) in product(range(1, 6), NAMES[key].items()):
        expected = Reading(str(level)) if level == of_level else Reading(problem="name_contradicts")
        for word, number, shape, name in product(("", *WORDS), numbers(level), SHAPES, names):
            for spelled in (name, name.upper(), name.replace(" ", "\n")):
                text = f"{word} {number.strip()}{shape.format(spelled)}"
                if (found := read(text, key)) != expected:
                    mistakes[text] = found
    assert mistakes == {}


@pytest.mark.parametrize(("key", "other"), [(PROCESS, SERVICE), (SERVICE, PROCESS)], ids=["process", "service"])
def test_a_name_of_the_other_kind_is_refused_at_every_level(key: tuple[str, str], other: tuple[str, str]) -> None:
    names = [name for of_level in NAMES[other].values() for name in of_level]
    for level, name, shape in product(range(1, 6), names, SHAPES):
        assert read(f"{level}{shape.format(name)}", key) == Reading(problem="name_of_other_kind")


@pytest.mark.parametrize("key", [SPBE_2018, PEMDI], ids="/".join)
def test_an_instrument_without_level_names_takes_none(key: tuple[str, str]) -> None:
    names = [name for named in NAMES.values() for group in named.values() for name in group]
    for level, name, shape in product(range(1, 6), names, SHAPES):
        assert read(f"{level}{shape.format(name)}", key) == Reading(problem="unreadable")
    assert {read(name, key) for name in names} == {Reading(problem="unreadable")}


@pytest.mark.parametrize("key", [PROCESS, SERVICE], ids="/".join)
def test_a_name_alone_is_no_score(key: tuple[str, str]) -> None:
    for name in (name for kind in (PROCESS, SERVICE) for names in NAMES[kind].values() for name in names):
        for text in (name, name.upper(), f"({name})", f"- {name}", f" {name} "):
            assert read(text, key) == Reading(problem="name_alone"), text


REJECTED = [
    ("", "blank", SCALES),
    (" \u00a0\t\n\u200b\ufeff\u3000 ", "blank", SCALES),
    ("3-4", "range", SCALES),
    ("3 - 4", "range", SCALES),
    ("3–4", "range", SCALES),
    ("3/4", "range", SCALES),
    ("3~4", "range", SCALES),
    ("3 s/d 4", "range", SCALES),
    ("3 sampai 4", "range", SCALES),
    ("2,5-3,0", "range", SCALES),
    ("-1", "unreadable", SCALES),
    ("+3", "unreadable", SCALES),
    ("03", "unreadable", SCALES),
    ("3,,0", "unreadable", SCALES),
    ("3.0.0", "unreadable", SCALES),
    ("3 .0", "unreadable", SCALES),
    (".5", "unreadable", SCALES),
    ("3e0", "unreadable", SCALES),
    ("0x3", "unreadable", SCALES),
    ("NaN", "unreadable", SCALES),
    ("Infinity", "unreadable", SCALES),
    ("٣", "unreadable", SCALES),
    ("³", "unreadable", SCALES),
    ("tiga", "unreadable", SCALES),
    ("3 4", "unreadable", SCALES),
    ("3;4", "unreadable", SCALES),
    ("3?", "unreadable", SCALES),
    ("3%", "unreadable", SCALES),
    ("=3", "unreadable", SCALES),
    ("IIII", "unreadable", SCALES),
    ("VI", "unreadable", SCALES),
    ("X", "unreadable", SCALES),
    ("III-IV", "unreadable", SCALES),
    ("III.0", "unreadable", SCALES),
    ("levelIII", "unreadable", SCALES),
    ("level", "unreadable", SCALES),
    ("level level 3", "unreadable", SCALES),
    ("level-3", "unreadable", SCALES),
    ("level: 3", "unreadable", SCALES),
    ("skala 3", "unreadable", SCALES),
    ("kematangan 3", "unreadable", SCALES),
    ("3 level", "unreadable", SCALES),
    ("3 ()", "unreadable", SCALES),
    ("3 []", "unreadable", SCALES),
    ("3 -", "unreadable", SCALES),
    ("3:", "unreadable", SCALES),
    ("3 (baik)", "unreadable", SCALES),
    ("3 - sudah", "unreadable", SCALES),
    ("belum ada", "unreadable", SCALES),
    ("-", "unreadable", SCALES),
    ("2025-04-03", "unreadable", SCALES),
    ("3 April 2025", "unreadable", SCALES),
    ("TRUE", "unreadable", SCALES),
    ("#REF!", "error", SCALES),
    (" #N/A ", "error", SCALES),
    ("#DIV/0!", "error", SCALES),
    ("#VALUE!", "error", SCALES),
    ("#NAME?", "error", SCALES),
    ("6", "out_of_range", SCALES),
    ("5.1", "out_of_range", SCALES),
    ("Level 10", "out_of_range", SCALES),
    ("9" * 40, "out_of_range", SCALES),
    ("0", "out_of_range", [PROCESS, SERVICE, PEMDI]),
    ("0,0", "out_of_range", [PROCESS, SERVICE, PEMDI]),
    ("0.9999", "out_of_range", [PROCESS, SERVICE, PEMDI]),
    ("5.0001", "out_of_range", SCALES),
    ("3.5", "fraction", [PROCESS, SERVICE, SPBE_2018]),
    ("2,75", "fraction", [PROCESS, SERVICE, SPBE_2018]),
    ("4.0001", "fraction", [PROCESS, SERVICE, SPBE_2018]),
    ("0.5", "fraction", [SPBE_2018]),
    ("2.9999999999999999999999999999999999", "fraction", [PROCESS, SERVICE, SPBE_2018]),
    ("2.50001", "too_many_decimals", [PEMDI]),
    ("4,9999999999999999999999999999999999", "too_many_decimals", [PEMDI]),
    ("3 Terstandardisasi", "unreadable", [PROCESS]),
    ("3. Terstandardisasi", "unreadable", [PROCESS]),
    ("3 (Terstandardisasi", "unreadable", [PROCESS]),
    ("3 (Terstandardisasi) ya", "unreadable", [PROCESS]),
    ("3 ((Terstandardisasi))", "unreadable", [PROCESS]),
    ("3 (Terstandar)", "unreadable", [PROCESS]),
    ("3 - 4 Terstandardisasi", "unreadable", [PROCESS]),
    ("3 / Terstandardisasi", "unreadable", [PROCESS]),
    ("(Terstandardisasi) 3", "unreadable", [PROCESS]),
    ("Level Terstandardisasi", "unreadable", [PROCESS]),
    ("6 (Optimum)", "out_of_range", [PROCESS]),
    ("3.5 (Transaksi)", "fraction", [SERVICE]),
]


@pytest.mark.parametrize(
    ("text", "problem", "key"), [(text, problem, key) for text, problem, keys in REJECTED for key in keys]
)
def test_nothing_else_is_a_score(text: str, problem: str, key: tuple[str, str]) -> None:
    assert read(text, key) == Reading(problem=problem)


@each_scale
@pytest.mark.parametrize(
    ("kind", "text", "problem"),
    [
        ("date", "2025-04-03", "date"),
        ("date", "1900-01-03", "date"),
        ("date", "10:00:00", "date"),
        ("boolean", "TRUE", "boolean"),
        ("error", "#REF!", "error"),
        ("error", "", "error"),
        ("formula", "", "formula"),
        ("text", "", "blank"),
    ],
)
def test_a_cell_that_holds_no_number_or_text_is_no_score(
    kind: str, text: str, problem: str, key: tuple[str, str]
) -> None:
    assert read(text, key, kind) == Reading(problem=problem)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", "1"),
        ("1,0001", "1.0001"),
        ("2.5", "2.5"),
        ("2,50", "2.5"),
        ("2.7500", "2.75"),
        ("4.9999", "4.9999"),
        ("5.0000", "5"),
        ("Nilai 3,25", "3.25"),
        ("skor２．５", "2.5"),
        ("IV", "4"),
    ],
)
@pytest.mark.parametrize("kind", ["text", "number"])
def test_pemdi_takes_fractions_of_four_decimals(text: str, value: str, kind: str) -> None:
    assert read(text, PEMDI, kind) == Reading(value)


@each_scale
def test_a_number_of_five_thousand_digits_is_out_of_range(key: tuple[str, str]) -> None:
    assert read("9" * 5000, key) == Reading(problem="out_of_range")


def test_zero_is_a_score_in_2018_alone() -> None:
    assert [read("Level 0", key) for key in SCALES] == [
        Reading(problem="out_of_range"),
        Reading(problem="out_of_range"),
        Reading("0"),
        Reading(problem="out_of_range"),
    ]


def test_an_unknown_indicator_takes_the_names_of_every_kind() -> None:
    scale = scale_of(INSTRUMENTS["spbe-2020"], None)
    for kind in (PROCESS, SERVICE):
        for level, name in ((level, name) for level, names in NAMES[kind].items() for name in names):
            assert read_score(Cell("text", f"{level} ({name})"), scale) == Reading(str(level))
            contradicting = read_score(Cell("text", f"{level % 5 + 1} ({name})"), scale)
            assert contradicting == Reading(problem="name_contradicts")


def test_a_year_without_instrument_takes_what_any_instrument_takes() -> None:
    scale = widest_scale(INSTRUMENTS.values())
    texts = ["0", "5", "2.7501", "3 (Transaksi)", "3 (Terdefinisi)", "6", "-1", "3-4", "2.00001", "2 (Transaksi)"]
    readings = [read_score(Cell("text", text), scale) for text in texts]
    assert [reading.value for reading in readings] == ["0", "5", "2.7501", "3", "3", *[""] * 5]
    assert [reading.problem for reading in readings[5:]] == [
        "out_of_range",
        "unreadable",
        "range",
        "too_many_decimals",
        "name_contradicts",
    ]


def test_tables_are_read_row_by_row_in_their_own_context() -> None:
    spellings = pa.table(
        {
            "kind": ["t", "t", "t", "d", "n"],
            "text": ["3 (Transaksi)", "3 (Transaksi)", "2,5", "2025-01-01", "0"],
            "instrument_code": ["spbe-2020", "spbe-2020", "pemdi-2026", "spbe-2020", None],
            "indicator_kind": ["service", "process", "", None, None],
        }
    )
    table = read_scores(spellings, INSTRUMENTS)
    assert table.column("value").to_pylist() == ["3", "", "2.5", "", "0"]
    assert table.column("problem").to_pylist() == ["", "name_of_other_kind", "", "date", ""]
    others = pa.table({"reader": ["year", "figure"], "kind": ["t", "t"], "text": ["2025", "baik"]})
    table = read_spellings(others)
    assert table.column("value").to_pylist() == ["2025", ""]
    assert table.column("problem").to_pylist() == ["", "unreadable"]
    assert table.column_names == ["reader", "kind", "text", "value", "problem"]


@pytest.mark.parametrize("key", [PROCESS, PEMDI], ids="/".join)
def test_a_number_shown_with_a_leading_zero_is_that_number(key: tuple[str, str]) -> None:
    assert read("03", key, "number") == Reading("3")


# Properties

scraps = st.sampled_from(
    [*"0123456789IVX.,-–:()[]/ ", *WORDS, "Terstandardisasi", "Transaksi", "s/d", "#REF!", "３", "\n", "(Optimum)"]
)
texts = st.text(max_size=30) | st.lists(scraps, max_size=8).map("".join)
keys = st.sampled_from(list(SCALES))


@settings(max_examples=600)
@given(text=texts, key=keys, kind=st.sampled_from(KINDS_OF_CELL))
def test_any_cell_gives_a_score_or_a_problem_and_never_both(text: str, key: tuple[str, str], kind: str) -> None:
    reading = read(text, key, kind)
    assert bool(reading.value) != bool(reading.problem)
    assert reading.problem in PROBLEMS | {""}
    if reading.value:
        scale, score = SCALES[key], Decimal(reading.value)
        assert scale.lowest <= score <= scale.highest
        assert -int(score.as_tuple().exponent) <= scale.decimals
        assert kind in ("text", "number")
        assert read(reading.value, key) == reading
        assert any(character.isdigit() or character in "IVＩＶ" for character in text)


@st.composite
def valid_spellings(draw: st.DrawFn) -> tuple[str, tuple[str, str], str]:
    """A spelling by the contract's grammar, where it stands, and the score that it means."""
    key = draw(keys)
    scale = SCALES[key]
    units = 10**scale.decimals
    score = Decimal(draw(st.integers(scale.lowest * units, scale.highest * units))) / units
    if draw(st.booleans()):
        score = Decimal(int(score))
    value = f"{score.normalize():f}"
    number = draw(st.sampled_from([value, value.replace(".", ",")]))
    if "." not in value:
        tails = ["", ".", ",0", ".0", ".00"]
        number = draw(st.sampled_from([ROMAN[int(score)] or value, *(value + tail for tail in tails)]))
    name = ""
    if names := NAMES[key].get(int(score)):
        shape = draw(st.sampled_from(["", *SHAPES]))
        chosen = draw(st.sampled_from(names))
        name = shape.format(draw(st.sampled_from([chosen, chosen.lower(), chosen.upper()])))
    word = draw(st.sampled_from(["", *(f"{word} " for word in WORDS)]))
    space = draw(st.text(" \t\n\u00a0\u200b", max_size=2))
    text = f"{space}{draw(st.sampled_from([word, word.upper()]))}{number}{name}{space}"
    if draw(st.booleans()):
        text = text.translate({code: code + 0xFEE0 for code in range(0x30, 0x3A)})
    return text, key, value


@settings(max_examples=600)
@given(spelling=valid_spellings())
def test_every_valid_spelling_reads_to_what_it_means(spelling: tuple[str, tuple[str, str], str]) -> None:
    text, key, value = spelling
    assert read(text, key) == Reading(value)


@settings(max_examples=400)
@given(number=st.decimals(0, 7), key=keys)
def test_a_plain_number_is_read_exactly_when_the_scale_holds_it(number: Decimal, key: tuple[str, str]) -> None:
    scale, text = SCALES[key], f"{abs(number):f}"
    plain = text.rstrip("0").rstrip(".") if "." in text else text
    fits = scale.lowest <= Decimal(plain) <= scale.highest and len(plain.partition(".")[2]) <= scale.decimals
    assert (read(text, key).value == plain) if fits else (read(text, key).value == "")
