"""One spelling of a cell, one value, or why not: every reader but that of scores."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spbe_etl.cells import READERS, Cell, Reading, loosen, tidy
from spbe_etl.inventory.cells import INVENTORY_READERS
from spbe_etl.landing import KINDS as LETTER_KINDS
from spbe_etl.landing import LETTERS
from spbe_etl.reading import PLAIN_READERS
from spbe_etl.resources import seed
from spbe_etl.warehouse import sql

ALL_READERS = {**READERS, **INVENTORY_READERS}
MONTHS = [
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
]
WEEKDAYS = ["Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"]
KINDS = ("text", "number", "date", "boolean", "error", "formula")
ALLOWED = {
    **dict.fromkeys(("code", "code_list", "figure", "indicator", "year"), ("text", "number")),
    **dict.fromkeys(("instrument", "links", "part"), ("text",)),
    **dict.fromkeys(("stage", "yes_no"), ("text", "boolean")),
    "date": ("text", "date"),
    "reference": ("text", "number", "date", "boolean"),
    "text": ("text", "number", "date", "boolean"),
    "zone": ("text",),
}
SAMPLES = {
    "code": "73.01",
    "code_list": "SEMUA",
    "date": "2025-04-03",
    "figure": "2,63",
    "indicator": "12",
    "instrument": "spbe-2020",
    "links": "https://bukti.example.id/1",
    "part": "Domain 2",
    "stage": "Visitasi",
    "reference": "dinas-pendidikan.xlsx",
    "text": "apa saja",
    "year": "2025",
    "yes_no": "Ya",
    "zone": "WITA",
}
each_reader = pytest.mark.parametrize("reader", sorted(READERS))


def read(reader: str, text: str, kind: str = "text") -> Reading:
    return ALL_READERS[reader](Cell(kind, text))


def reads(value: str) -> Reading:
    return Reading(value)


def fails(problem: str) -> Reading:
    return Reading(problem=problem)


UNREADABLE = fails("unreadable")


# What every reader has in common


def test_every_reader_is_looked_at_here() -> None:
    assert set(READERS) == set(ALLOWED) == set(SAMPLES)


@each_reader
@pytest.mark.parametrize("text", ["", " ", "\t\n", "\u00a0", "\u3000", "\u200b\ufeff\u2060", " \u200b "])
def test_what_nobody_can_see_is_blank(reader: str, text: str) -> None:
    assert read(reader, text) == fails("blank")


@each_reader
@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_of_another_kind_says_so(reader: str, kind: str) -> None:
    found = read(reader, "" if kind == "formula" else SAMPLES[reader], kind)
    if kind in ALLOWED[reader]:
        assert found.problem in ("", "unreadable")
        assert kind != "text" or found.value
    else:
        assert found == fails(kind)


@each_reader
@pytest.mark.parametrize("text", sorted(row["spelling"] for row in seed("spelling") if row["reader"] == "error"))
def test_an_error_is_an_error_whatever_its_kind(reader: str, text: str) -> None:
    assert {read(reader, text, kind) for kind in KINDS} == {fails("error")}
    assert read(reader, f"  {text}\n") == fails("error")


scraps = st.sampled_from(
    [
        *"0123456789-./,;: ()",
        "2025",
        "April",
        "Domain",
        "Indikator",
        "SEMUA",
        "ya",
        "https://a.id/",
        "www.",
        "http:/",
        "\n",
        "\u200b",
        "#REF!",
        "35-2",
        "lalu",
        "hari",
        "２",
        "[",
        "]",
        "@",
        "visitasi",
        "spbe",
    ]
)
texts = st.text(max_size=40) | st.lists(scraps, max_size=9).map("".join)


@settings(max_examples=250)
@given(text=texts, kind=st.sampled_from(KINDS))
@each_reader
def test_any_cell_gives_a_value_or_a_problem(reader: str, text: str, kind: str) -> None:
    if reader == "instrument" and not loosen(text):
        return  # its own test below
    found = read(reader, text, kind)
    assert found.value or found.problem
    if reader != "links":  # a cell may hold a good link beside a broken one
        assert not (found.value and found.problem)
    assert found.problem in {"", "blank", "unreadable", "malformed", *KINDS}


@settings(max_examples=250)
@given(text=texts)
@pytest.mark.parametrize(
    "reader", ["code", "date", "figure", "indicator", "instrument", "part", "text", "year", "zone"]
)
def test_a_value_reads_to_itself(reader: str, text: str) -> None:
    value = read(reader, text).value
    if value and not (reader == "text" and value in errors()):
        assert read(reader, value) == reads(value)


def errors() -> set[str]:
    return {row["spelling"] for row in seed("spelling") if row["reader"] == "error"}


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("  a \n\t b  ", "a b"),
        ("a\u00a0b", "a b"),
        ("a\u200bb", "a b"),
        ("\ufeffa", "a"),
        ("", ""),
        ("  ", ""),
        ("A-B", "A-B"),
    ],
)
def test_tidy(text: str, tidied: str) -> None:
    assert tidy(text) == tidied


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("No. Indikator", "no indikator"),
        ("TINGKAT\nKEMATANGAN", "Tingkat  Kematangan:"),
        ("Ｔａｈｕｎ", "tahun"),
        ("Kode_OPD", "kode-opd"),
        ("ﬁnal", "FINAL"),
        ("Straße", "STRASSE"),
    ],
)
def test_spellings_that_are_equal(one: str, other: str) -> None:
    assert loosen(one) == loosen(other) != ""


@given(text=texts)
def test_loosening_twice_changes_nothing(text: str) -> None:
    assert loosen(loosen(text)) == loosen(text)


# Year and indicator


@pytest.mark.parametrize("text", ["2025", " 2025 ", "2025.0", "2025,00", "2025.", "２０２５", "\u200b2025"])
def test_a_year_in_any_spelling(text: str) -> None:
    assert read("year", text) == read("year", text, "number") == reads("2025")


@pytest.mark.parametrize(
    "text", ["25", "'25", "02025", "0025", "20255", "2025.5", "-2025", "TA 2025", "2025/2026", "MMXXV", "2 025", "٢٠٢٥"]
)
def test_nothing_else_is_a_year(text: str) -> None:
    assert read("year", text) == UNREADABLE


@given(year=st.integers(1000, 9999), tail=st.sampled_from(["", ".0", ",0", ".", ".00"]))
def test_every_year_of_four_digits(year: int, tail: str) -> None:
    assert read("year", f"{year}{tail}") == reads(str(year))


@pytest.mark.parametrize(
    ("text", "no"),
    [
        ("12", "12"),
        (" 12 ", "12"),
        ("12.0", "12"),
        ("12,0", "12"),
        ("12.", "12"),
        ("012", "12"),
        ("１２", "12"),
        ("1", "1"),
        ("35-2", "35-2"),
        ("35 - 2", "35-2"),
        ("35–2", "35-2"),
        ("35−3", "35-3"),
        ("035-2", "35-2"),
        ("35－2", "35-2"),
        ("9999", "9999"),
    ],
)
def test_an_indicator_in_any_spelling(text: str, no: str) -> None:
    assert read("indicator", text) == read("indicator", text, "number") == reads(no)


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "00",
        "-1",
        "12a",
        "12.5",
        "35.2",
        "35/2",
        "35-",
        "-2",
        "35-0",
        "35--2",
        "35-2-1",
        "12 13",
        "XII",
        "12;13",
        "Indikator 12",
        "99999",
        "1e1",
        "35-100",
    ],
)
def test_nothing_else_is_an_indicator(text: str) -> None:
    assert read("indicator", text) == UNREADABLE


@given(no=st.integers(1, 9999), second=st.none() | st.integers(1, 99), zeros=st.integers(0, 3))
def test_every_indicator_number_is_text(no: int, second: int | None, zeros: int) -> None:
    text = f"{no}" if second is None else f"{no}-{second}"
    assert read("indicator", "0" * zeros + text) == reads(text)


# Codes, instruments and fixed lists


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("73.01", "73.01"),
        ("73.10", "73.10"),
        ("007", "007"),
        (" DIS  KOMINFO\n", "DIS KOMINFO"),
        ("1e5", "1e5"),
        ("1,5", "1,5"),
        ("12.0", "12.0"),
        ("BAG-ORG", "BAG-ORG"),
        ("０１", "０１"),
    ],
)
def test_a_code_is_never_turned_into_a_number(text: str, code: str) -> None:
    assert read("code", text) == read("code", text, "number") == reads(code)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("A", ["A"]),
        ("A;B", ["A", "B"]),
        (" A ; B;\nC ;", ["A", "B", "C"]),
        ("A\nB", ["A", "B"]),
        ("B;A;B", ["B", "A"]),
        ("73.10;007", ["73.10", "007"]),
        ("A,B", ["A,B"]),
        ("Bagian  Umum;é", ["Bagian Umum", "é"]),
        ("SEMUA", ["SEMUA"]),
        (" semua ", ["SEMUA"]),
        ("Semua OPD", ["SEMUA"]),
        ("A;SEMUA", ["SEMUA"]),
        ("SEMUANYA", ["SEMUANYA"]),
        (";", []),
    ],
)
def test_a_list_of_codes(text: str, codes: list[str]) -> None:
    found = read("code_list", text)
    assert (json.loads(found.value), found.problem) == (codes, "")


codes_without_semicolons = st.from_regex(r"[A-Z0-9][A-Z0-9.\-]{0,9}", fullmatch=True).filter(lambda c: c != "SEMUA")


@given(
    codes=st.lists(codes_without_semicolons, min_size=1, max_size=6), glue=st.sampled_from([";", "; ", " ;\n", "\n"])
)
def test_every_list_of_codes_keeps_each_once_in_order(codes: list[str], glue: str) -> None:
    assert json.loads(read("code_list", glue.join(codes)).value) == list(dict.fromkeys(codes))


@pytest.mark.parametrize("text", ["spbe-2020", "SPBE 2020", "Spbe_2020", " spbe – 2020 ", "ＳＰＢＥ－２０２０"])
def test_an_instrument_in_any_spelling(text: str) -> None:
    assert read("instrument", text) == reads("spbe-2020")


@pytest.mark.parametrize("text", ["2020", "spbe2020", "spbe-2020-a", "pemdi"])
def test_another_instrument_stays_another(text: str) -> None:
    assert read("instrument", text).value not in ("", "spbe-2020")


@pytest.mark.parametrize("text", ["-", "...", "--- / ---"])
def test_signs_alone_are_no_instrument(text: str) -> None:
    assert read("instrument", text) == UNREADABLE


STAGES = {
    "confirmed": ["Asesor Internal", "ASESOR  INTERNAL", "asesor-internal"],
    "document": ["Dokumen", "dokumen "],
    "interview": ["Interviu", "interview"],
    "visit": ["Visitasi", "VISITASI"],
    "official": ["Hasil Akhir", "hasil\nakhir"],
}


@pytest.mark.parametrize(("stage", "text"), [(stage, text) for stage, texts in STAGES.items() for text in texts])
def test_a_stage_in_any_spelling(stage: str, text: str) -> None:
    assert read("stage", text) == reads(stage)


@pytest.mark.parametrize(
    "text", ["Asesor", "Usulan", "proposed", "confirmed", "Hasil", "Akhir Hasil", "1", "Dokumen 2"]
)
def test_nothing_else_is_a_stage(text: str) -> None:
    assert read("stage", text) == UNREADABLE


@pytest.mark.parametrize(("text", "value"), [("Ya", "yes"), (" YA ", "yes"), ("Tidak", "no"), ("tidak.", "no")])
def test_yes_and_no(text: str, value: str) -> None:
    assert read("yes_no", text) == reads(value)


def test_a_ticked_box_is_yes() -> None:
    assert [read("yes_no", text, "boolean") for text in ("TRUE", "FALSE")] == [reads("yes"), reads("no")]


ID = "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms"


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        (ID, ID),
        (f"https://docs.google.com/spreadsheets/d/{ID}/edit#gid=0", ID),
        (f" https://docs.google.com/spreadsheets/u/0/d/{ID}/edit?usp=sharing ", ID),
        (f"http://docs.google.com/spreadsheets/d/{ID}", ID),
        (f"https://docs.google.com/a/selayarkab.go.id/spreadsheets/d/{ID}/edit", ID),
        (f"https://drive.google.com/open?id={ID}&usp=drive", ID),
        (f"https://drive.google.com/file/d/{ID}/view", ID),
        (f"https://docs.google.com/spreadsheets/ccc?key={ID}#gid=0", ID),
        (f"Isian Disdik: https://docs.google.com/spreadsheets/d/{ID}/edit", ID),
        ("https://docs.google.com/spreadsheets/d/e/2PACX-1vQ/pubhtml", "https://docs.google.com/spreadsheets/d/e/2PACX-1vQ/pubhtml"),
        ("https://contoh.id/spreadsheets/d/abc/edit", "https://contoh.id/spreadsheets/d/abc/edit"),
        ("dinas pendidikan.xlsx", "dinas pendidikan.xlsx"),
    ],
)  # fmt: skip
def test_a_workbook_by_its_name_or_address(text: str, reference: str) -> None:
    assert read("reference", text) == reads(reference)


@pytest.mark.parametrize(
    ("text", "zone"), [("WIB", "Asia/Jakarta"), (" wita ", "Asia/Makassar"), ("WIT", "Asia/Jayapura"), ("X/Y", "X/Y")]
)
def test_a_zone_by_either_name(text: str, zone: str) -> None:
    assert read("zone", text) == reads(zone)


@pytest.mark.parametrize("text", ["1", "0", "Y", "T", "ya tidak", "mungkin", "tidak ada", "-", "✓"])
def test_nothing_else_is_yes_or_no(text: str) -> None:
    assert read("yes_no", text) == UNREADABLE


@pytest.mark.parametrize("row", seed("spelling"), ids=lambda row: f"{row['reader']}-{row['spelling']}")
def test_every_known_spelling_reads_to_its_value(row: dict[str, str]) -> None:
    if row["reader"] in ALL_READERS:
        for text in (row["spelling"], row["spelling"].upper(), row["spelling"].replace(" ", "\n")):
            assert read(row["reader"], text) == reads(row["value"])
    else:
        assert row["reader"] in {"error", "part_word", "everyone"}  # read within another reader


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Indeks", "Indeks"),
        (" INDEKS ", "Indeks"),
        ("Indeks SPBE", "Indeks"),
        ("Domain 2", "Domain 2"),
        ("domain  2", "Domain 2"),
        ("ASPEK 5", "Aspek 5"),
        ("Aspek\n05", "Aspek 5"),
        ("Indikator 12", "Indikator 12"),
        ("indikator 35-2", "Indikator 35-2"),
        ("Indikator 12.0", "Indikator 12"),
    ],
)
def test_a_part_of_a_published_result(text: str, part: str) -> None:
    assert read("part", text) == reads(part)


@pytest.mark.parametrize(
    "text", ["Domain", "2", "Domain dua", "Domain II", "Domain 0", "Domain 2 dan 3", "Indeks 2", "Bagian 2", "Aspek2"]
)
def test_nothing_else_is_a_part(text: str) -> None:
    assert read("part", text) == UNREADABLE


# Figures


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("2.63", "2.63"),
        ("2,63", "2.63"),
        ("2.60", "2.60"),
        ("2", "2"),
        ("2.", "2"),
        ("0", "0"),
        ("0,00", "0.00"),
        ("2.5940000000", "2.5940000000"),
        ("２，６３", "2.63"),
        (" 3.19 ", "3.19"),
        ("100", "100"),
    ],
)
def test_a_figure_keeps_every_decimal(text: str, figure: str) -> None:
    assert read("figure", text) == read("figure", text, "number") == reads(figure)


@pytest.mark.parametrize(
    "text",
    [
        "-2",
        "+2",
        "2,6,3",
        "1.000,5",
        "2.63 (Baik)",
        "Baik",
        "2e0",
        "2.59400000001",
        "NaN",
        "∞",
        ".5",
        "2 63",
        "2-3",
        "٣",
    ],
)
def test_nothing_else_is_a_figure(text: str) -> None:
    assert read("figure", text) == UNREADABLE


@given(
    whole=st.integers(0, 999_999), decimals=st.from_regex(r"[0-9]{1,10}", fullmatch=True), sign=st.sampled_from(".,")
)
def test_every_figure_keeps_its_digits(whole: int, decimals: str, sign: str) -> None:
    if decimals.isascii():
        assert read("figure", f"{whole}{sign}{decimals}") == reads(f"{whole}.{decimals}")


def test_a_number_shown_with_a_leading_zero_is_that_figure() -> None:
    assert read("figure", "02.63", "number") == reads("2.63")


# Dates


@pytest.mark.parametrize(
    "text",
    [
        "2025-04-03",
        "2025-04-03 10:30:00",
        "2025-04-03T10:30",
        "2025/04/03",
        "03/04/2025",
        "3/4/2025",
        "3-4-2025",
        "03.04.2025",
        "3 April 2025",
        "03 April 2025",
        "3 APRIL 2025",
        "3 Apr 2025",
        "3  April\n2025",
        "Kamis, 3 April 2025",
        " 3 April 2025 ",
    ],
)
def test_a_full_date_in_any_spelling(text: str) -> None:
    assert read("date", text) == reads("2025-04-03")


@pytest.mark.parametrize("text", ["2025-04-03", "2025-04-03 10:30:00", "2025-04-03 00:00:01"])
def test_a_date_cell_is_its_day(text: str) -> None:
    assert read("date", text, "date") == reads("2025-04-03")


@pytest.mark.parametrize(
    "text",
    [
        "April 2025",
        "2025",
        "3 April",
        "04/2025",
        "2025-04",
        "3/4/25",
        "3 April 25",
        "TW I 2025",
        "Q1 2025",
        "10:30:00",
        "31/04/2025",
        "4/13/2025",
        "29 Februari 2023",
        "31 April 2025",
        "30/02/2024",
        "0/1/2025",
        "2025-02-30",
        "32 Mei 2025",
        "3-5 April 2025",
        "3 s/d 5 April 2025",
        "3 April 2025 dan 4 April 2025",
        "awal 2025",
        "belum",
        "-",
        "20250403",
        "kemarin",
        "hari ini",
        "3 hari lalu",
        "45750",
        "tahun 2025",
        "semester 1 2025",
        "April 2025 " + "x" * 40,
    ],
)
def test_a_date_is_never_guessed(text: str) -> None:
    assert read("date", text) == UNREADABLE


def test_a_time_of_day_is_no_date() -> None:
    assert read("date", "10:30:00", "date") == UNREADABLE


@pytest.mark.parametrize(
    "text",
    ["2025-04-03 s/d 2025-05-01", "2025-04-03, 2025-05-01", "2025-04-03x", "2025-04-031", "2025-04-03T10:3"],
)
def test_what_follows_an_iso_date_is_not_ignored(text: str) -> None:
    assert read("date", text) == UNREADABLE


@pytest.mark.parametrize(
    "text",
    [
        "kemarin 2025",
        "2 hari lalu 2025",
        "3 bulan 2025",
        "1 minggu 2025",
        "12 2025 jam",
        "1000 tahun",
        "2025-13-01",
        "2025/31/01",
        "0003-04-2025",
        "5/2025/4",
    ],
)
def test_a_count_of_days_or_another_order_is_no_date(text: str) -> None:
    assert read("date", text) == UNREADABLE


def test_a_time_that_no_day_has_is_no_date() -> None:
    assert read("date", "2025-04-03T25:00") == UNREADABLE


def test_so_many_months_is_no_date_even_where_the_day_agrees() -> None:
    this_year = datetime.now(UTC).year
    years, units = range(this_year - 3, this_year + 1), ("hari", "minggu", "bulan")
    counts = [f"{no} {unit} {year}" for no in range(1, 32) for unit in units for year in years]
    assert {text: found.value for text in counts if (found := read("date", text)) != UNREADABLE} == {}


days = st.dates(date(1945, 8, 17), date(2199, 12, 31))


@settings(max_examples=300)
@given(day=days, shape=st.sampled_from(["{0:%d} {1} {0:%Y}", "{2}, {0.day} {1} {0.year}", "{0.day} {3} {0.year}"]))
def test_every_day_in_indonesian_words(day: date, shape: str) -> None:
    month, weekday = MONTHS[day.month - 1], WEEKDAYS[day.weekday()]
    assert read("date", shape.format(day, month, weekday, month.upper())) == reads(day.isoformat())


@settings(max_examples=300)
@given(
    day=st.integers(0, 40),
    month=st.integers(0, 15),
    year=st.integers(1000, 2999),
    sign=st.sampled_from(["/", "-", ".", " "]),
)
def test_day_month_year_in_this_order_or_not_at_all(day: int, month: int, year: int, sign: str) -> None:
    try:
        expected = reads(date(year, month, day).isoformat())
    except ValueError:
        expected = UNREADABLE
    assert read("date", f"{day}{sign}{month}{sign}{year}") == expected
    assert read("date", f"{day:02}{sign}{month:02}{sign}{year}") == expected


@given(day=days)
def test_every_day_in_iso_order(day: date) -> None:
    assert read("date", day.isoformat()) == read("date", day.isoformat(), "date") == reads(day.isoformat())


# Links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("https://a.id/x", ["https://a.id/x"]),
        ("http://a.id", ["http://a.id"]),
        ("HTTPS://A.id/x", ["HTTPS://A.id/x"]),
        ("https://a.id/1\nhttps://a.id/2", ["https://a.id/1", "https://a.id/2"]),
        ("https://a.id/1; https://a.id/2|https://a.id/3", ["https://a.id/1", "https://a.id/2", "https://a.id/3"]),
        ("https://a.id/1,https://a.id/2", ["https://a.id/1", "https://a.id/2"]),
        ("https://a.id/1, https://a.id/1", ["https://a.id/1"]),
        ("SK Bupati: https://a.id/sk (halaman 2)", ["https://a.id/sk"]),
        ("<https://a.id/x>", ["https://a.id/x"]),
        ("(https://a.id/x)", ["https://a.id/x"]),
        ('"https://a.id/x"', ["https://a.id/x"]),
        ("https://a.id/x?a=1&b=2,3#c", ["https://a.id/x?a=1&b=2,3#c"]),
        ("https://a.id:8443/x", ["https://a.id:8443/x"]),
        ("https://10.0.0.1/x", ["https://10.0.0.1/x"]),
        ("https://a.id/x\u200b", ["https://a.id/x"]),
        ("https://selayarkab.go.id/sk_bupati-2025.pdf", ["https://selayarkab.go.id/sk_bupati-2025.pdf"]),
        ("https://a.id/" + "x" * 1900, ["https://a.id/" + "x" * 1900]),
    ],
)
def test_well_formed_links(text: str, links: list[str]) -> None:
    found = read("links", text)
    assert (json.loads(found.value), found.problem) == (links, "")


@pytest.mark.parametrize(
    "text",
    [
        "lihat map",
        "-",
        "www.a.id/x",
        "a.id/x",
        "http:/a.id",
        "https//a.id",
        "https://",
        "https://lokal/x",
        "ftp://a.id/x",
        "file:///c:/x",
        "javascript:alert(1)",
        "https://u:p@a.id/x",
        "https://a.id:99999/x",
        "https://-a.id",
        "https://a..id",
        "https://[::1/x",
        "https://a.id/" + "x" * 2000,
        "https://a_b!.id/",
        "C:\\bukti\\sk.pdf",
        "https:// a.id",
    ],
)
def test_a_cell_without_a_link_is_malformed(text: str) -> None:
    assert read("links", text) == fails("malformed")


@pytest.mark.parametrize("broken", ["http:/a.id", "www.a.id/x", "ftp://a.id/x", "https://lokal/x"])
def test_a_broken_link_beside_a_good_one_is_told_and_the_good_one_kept(broken: str) -> None:
    for text in (f"https://a.id/x {broken}", f"{broken}\nhttps://a.id/x"):
        assert read("links", text) == Reading('["https://a.id/x"]', "malformed")


def test_a_link_that_ends_in_a_bracket_stays_whole() -> None:
    link = "https://id.wikipedia.org/wiki/Selayar_(kabupaten)"
    assert json.loads(read("links", link).value) == [link]


paths = st.from_regex(r"https?://[a-z]{1,8}(\.[a-z]{2,5}){1,2}/[a-z0-9/_=?&.\-]{0,20}[a-z0-9]", fullmatch=True)


@given(links=st.lists(paths, min_size=1, max_size=4), glue=st.sampled_from(["\n", " ", "; ", ", ", " | ", ";"]))
def test_every_link_of_a_cell_is_kept_once_in_order(links: list[str], glue: str) -> None:
    found = read("links", glue.join(links))
    assert json.loads(found.value) == list(dict.fromkeys(links))
    assert found.problem == ""


PLAIN_OR_ODD = st.one_of(
    st.text(max_size=30),
    st.text("0123456789.,- /#!\"'AT:é\u00a0\n", max_size=12),
    st.from_regex(r"https?://[a-z0-9.-]{1,20}(/[ -~]{0,12})?", fullmatch=True),
    st.from_regex(r"[0-9]{1,5}(-[0-9]{1,2}){0,2}", fullmatch=True),
    st.sampled_from([row["spelling"] for row in seed("spelling")]),
)


@pytest.fixture(scope="module")
def macros() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA ref")
        connection.execute(sql("reference"))
        connection.execute(sql("macros"))
        yield connection


@given(reader=st.sampled_from(PLAIN_READERS), kind=st.sampled_from(sorted(LETTERS.values())), text=PLAIN_OR_ODD)
def test_what_sql_reads_itself_is_what_the_readers_say(
    macros: duckdb.DuckDBPyConnection, reader: str, kind: str, text: str
) -> None:
    (found,) = macros.execute(f"SELECT plain_{reader}($1, $2)", [kind, text]).fetchall()[0]
    if found is not None:
        assert ALL_READERS[reader](Cell(LETTER_KINDS[kind], text)) == Reading(found)


@pytest.mark.parametrize(
    ("reader", "kind", "text"),
    [
        ("year", "n", "2025"),
        ("indicator", "t", "12"),
        ("date", "d", "2025-03-01"),
        ("text", "t", "Sudah ada, menurut SK 12/2024."),
        ("links", "t", "https://drive.google.com/file/d/1_aB-c/view?usp=sharing"),
    ],
)
def test_plain_spellings_are_read_by_sql(macros: duckdb.DuckDBPyConnection, reader: str, kind: str, text: str) -> None:
    (found,) = macros.execute(f"SELECT plain_{reader}($1, $2)", [kind, text]).fetchall()[0]
    assert found == ALL_READERS[reader](Cell(LETTER_KINDS[kind], text)).value
