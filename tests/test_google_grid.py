"""A spreadsheet as Google tells it becomes the same workbook as its file would, or fails by name."""

from __future__ import annotations

import copy
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet as Sheet
from sheets_server.convert import spreadsheet
from sheets_server.masks import apply, parse

from spbe_etl.errors import SourceError
from spbe_etl.google import grid
from spbe_etl.google.grid import FIELDS, read_spreadsheet
from spbe_etl.google.problems import GoogleRefusedError, GoogleUnreachableError
from spbe_etl.sources.xlsx import read_xlsx
from spbe_etl.workbooks import RawCell, Workbook, Worksheet

ID = "1abcDEF"
KINDS = {"text", "number", "date", "boolean", "error"}
Json = dict[str, Any]
Found = tuple[str, str, str]


def sheet(rows: Sequence[Sequence[Json]], title: str = "Penilaian", **more: Any) -> Json:
    """A worksheet with these cells; `more`: properties, or merges and data."""
    beside = {name: more.pop(name) for name in ("merges", "data") if name in more}
    size = {"rowCount": 1000, "columnCount": 26}
    properties = {"sheetId": 7, "title": title, "index": 0, "sheetType": "GRID", "gridProperties": size, **more}
    data = [{"rowData": [{"values": list(row)} if row else {} for row in rows]} if rows else {}]
    return {"properties": properties, "data": data, **beside}


def book(*sheets: Json) -> Json:
    return {"spreadsheetId": ID, "properties": {"title": "Dinas A"}, "sheets": list(sheets)}


def cells(answer: Json) -> dict[tuple[int, int], RawCell]:
    """By row and column, of the first worksheet."""
    return {(one.row_no, one.col_no): one for one in read_spreadsheet(ID, answer).worksheets[0].cells}


def content(cell: Json) -> Found | None:
    """Kind, text and link of one cell."""
    found = cells(book(sheet([[cell]])))
    return (found[1, 1].kind, found[1, 1].text, found[1, 1].link) if found else None


def text(value: str, **more: Any) -> Json:
    return {"effectiveValue": {"stringValue": value}, "formattedValue": value, **more}


def number(value: object, kind: str = "", pattern: str = "", where: str = "effectiveFormat") -> Json:
    form = {name: one for name, one in (("type", kind), ("pattern", pattern)) if one}
    return {
        "effectiveValue": {"numberValue": value},
        "formattedValue": "?",
        **({where: {"numberFormat": form}} if form else {}),
    }


def incomplete(answer: Json, spreadsheet_id: str = ID) -> str:
    with pytest.raises(GoogleUnreachableError) as caught:
        read_spreadsheet(spreadsheet_id, answer)
    assert str(caught.value).startswith(f"{spreadsheet_id}: jawaban Google tidak utuh (")
    return str(caught.value)


# --- what a cell holds ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (number(3), ("number", "3")),
        (number(2.5), ("number", "2.5")),
        (number(1.1 * 3), ("number", "3.3")),
        (number(-1), ("number", "-1")),
        (number(0), ("number", "0")),
        (number(1e-7), ("number", "0.0000001")),
        (number(1e20), ("number", "100000000000000000000")),
        (number(73.1, "NUMBER", "00.00"), ("number", "73.10")),
        (number(1, "NUMBER", "00"), ("number", "01")),
        (number(73.123, "NUMBER", "00.00"), ("number", "73.123")),
        (number(73.1, "NUMBER", "00.00", "userEnteredFormat"), ("number", "73.10")),
        (number(2.6, "NUMBER", "#,##0.00"), ("number", "2.6")),
        (number(0.5, "PERCENT", "0%"), ("number", "0.5")),
        (number(0.5, "PERCENT"), ("number", "0.5")),
        (number(1250000, "CURRENCY", '"Rp"#,##0'), ("number", "1250000")),
        (number(12345, "SCIENTIFIC", "0.00E+00"), ("number", "12345")),
        (number(2025, "TEXT", "@"), ("number", "2025")),
        (number(45750, "DATE", "dd/mm/yyyy"), ("date", "2025-04-03")),
        (number(45750, "DATE"), ("date", "2025-04-03")),
        (number(45750, "DATE", "", "userEnteredFormat"), ("date", "2025-04-03")),
        (number(45750, "DATE_TIME", "yyyy-mm-dd hh:mm"), ("date", "2025-04-03")),
        (number(45750.4375, "DATE_TIME", "yyyy-mm-dd hh:mm"), ("date", "2025-04-03 10:30:00")),
        (number(45750.4375, "DATE", "dd/mm/yyyy"), ("date", "2025-04-03 10:30:00")),
        (number(45750 + 1 / 3, "DATE_TIME"), ("date", "2025-04-03 08:00:00")),
        (number(0.4375, "TIME", "hh:mm"), ("date", "10:30:00")),
        (number(0.1 + 0.2, "TIME", "hh:mm"), ("date", "07:12:00")),
        (number(2_958_465, "DATE"), ("date", "9999-12-31")),
        (number(2_958_466, "DATE"), ("error", "#VALUE!")),
        (number(99_999_999, "DATE"), ("error", "#VALUE!")),
        (number(-10_000_000, "DATE"), ("error", "#VALUE!")),
        (number(1e300, "DATE_TIME"), ("error", "#VALUE!")),
        ({"effectiveValue": {"boolValue": True}, "formattedValue": "TRUE"}, ("boolean", "TRUE")),
        ({"effectiveValue": {"boolValue": False}, "formattedValue": "FALSE"}, ("boolean", "FALSE")),
        (text("3"), ("text", "3")),
        (text(" 3 "), ("text", " 3 ")),
        (text("a\nb"), ("text", "a\nb")),
        (text("\u00a0"), ("text", "\u00a0")),
        (text("=1+1"), ("text", "=1+1")),
        (text("🙂 Ünïcode"), ("text", "🙂 Ünïcode")),
        (text(""), None),
        ({"effectiveValue": {}}, None),
        ({"formattedValue": ""}, None),
        ({"effectiveFormat": {"numberFormat": {"type": "DATE"}}}, None),
        ({}, None),
    ],
    ids=str,
)  # fmt: skip
def test_kinds_are_told_apart(cell: Json, found: tuple[str, str] | None) -> None:
    assert content(cell) == (None if found is None else (*found, ""))


ERRORS_OF_GOOGLE = {
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
    "ERROR": "#ERROR!",
}


@pytest.mark.parametrize(
    ("kind", "shown", "found"),
    [
        *((kind, found, found) for kind, found in ERRORS_OF_GOOGLE.items()),
        *((kind, None, found) for kind, found in ERRORS_OF_GOOGLE.items()),
        *(("LOADING", shown, "Loading...") for shown in ("Loading...", "Memuat...", "#ERROR!", None)),
        ("DIVIDE_BY_ZERO", "", "#DIV/0!"),
        ("SOMETHING_NEW", None, "#ERROR!"),
        (None, None, "#ERROR!"),
    ],
)
def test_an_error_of_any_type_is_an_error(kind: str | None, shown: str | None, found: str) -> None:
    error = {"message": "Function DIVIDE parameter 2 cannot be zero.", **({"type": kind} if kind else {})}
    cell = {"effectiveValue": {"errorValue": error}, **({} if shown is None else {"formattedValue": shown})}
    assert content(cell) == ("error", found, "")


FOLDER = "https://drive.google.com/drive/folders/1x"
FILE = "https://docs.google.com/spreadsheets/d/1y/edit"


@pytest.mark.parametrize(
    ("cell", "found"),
    {
        "a hyperlink": (text("Bukti", hyperlink=FOLDER), ("text", "Bukti", FOLDER)),
        "an address that's the text": (text(FOLDER, hyperlink=FOLDER), ("text", FOLDER, "")),
        "the same with a slash": (text(FOLDER, hyperlink=f"{FOLDER}/"), ("text", FOLDER, "")),
        "a link within the spreadsheet": (text("Lihat", hyperlink="#gid=0"), ("text", "Lihat", "")),
        "words that lead away": (
            text("SK dan foto", textFormatRuns=[{"format": {"link": {"uri": FILE}}}, {"startIndex": 3, "format": {}},
                                                {"startIndex": 7, "format": {"link": {"uri": FOLDER}}}]),
            ("text", "SK dan foto", f"{FILE} {FOLDER}"),
        ),
        "a chip": (
            text("SK.pdf", chipRuns=[{"chip": {"richLinkProperties": {"uri": FILE, "mimeType": "x"}}}]),
            ("text", "SK.pdf", FILE),
        ),
        "a chip of a person": (
            text("@Siti", chipRuns=[{"chip": {"personProperties": {"email": "siti@contoh.go.id"}}}, {"startIndex": 3}]),
            ("text", "@Siti", ""),
        ),
        "one address in three ways": (
            text("SK", hyperlink=FILE, textFormatRuns=[{"format": {"link": {"uri": FILE}}}],
                 chipRuns=[{"chip": {"richLinkProperties": {"uri": FILE}}}]),
            ("text", "SK", FILE),
        ),
        "a number that leads away": ({**number(3), "hyperlink": FILE}, ("number", "3", FILE)),
        "nothing that leads away": ({"hyperlink": FILE}, ("text", "", FILE)),
    }.values(),
)  # fmt: skip
def test_where_a_cell_leads(cell: Json, found: Found) -> None:
    assert content(cell) == found


def test_all_that_is_read_is_asked_for() -> None:
    """With everything that Google could tell, and with what the fields leave of it."""
    everything = [
        number(3, "NUMBER", "00.00"),
        number(45750, "DATE", "", "userEnteredFormat"),
        text("Bukti", hyperlink=FOLDER),
        text("SK", textFormatRuns=[{"startIndex": 0, "format": {"bold": True, "link": {"uri": FILE}}}]),
        text("SK", chipRuns=[{"startIndex": 0, "chip": {"richLinkProperties": {"uri": FILE, "mimeType": "x"}}}]),
        {"effectiveValue": {"errorValue": {"type": "REF"}}, "formattedValue": "#N/A"},
        {"effectiveValue": {"boolValue": True}},
    ]
    whole = book(
        sheet([everything, everything], merges=[{"endRowIndex": 2, "endColumnIndex": 1}, {"startColumnIndex": 30}]),
        {"properties": {"title": "Grafik", "sheetType": "OBJECT"}},
        sheet([], "Geser", data=[{"startRow": 4, "startColumn": 2, "rowData": [{"values": everything}]}]),
    )
    whole["sheets"][0]["properties"]["gridProperties"] = {"rowCount": 50, "columnCount": 40, "frozenRowCount": 1}
    asked = apply(parse(FIELDS), whole)
    assert len(json.dumps(asked)) < len(json.dumps(whole))
    found = read_spreadsheet(ID, whole)
    assert read_spreadsheet(ID, asked) == found
    assert [len(one.cells) for one in found.worksheets] == [14, 7]


# --- where cells stand ---------------------------------------------------------------------------------------------


def test_places_are_told_as_people_see_them() -> None:
    found = cells(book(sheet([[text("a")], [], [{}, text("b"), {}, *[{}] * 23, text("c")]])))
    assert {place: one.place for place, one in found.items()} == {(1, 1): "A1", (3, 2): "B3", (3, 27): "AA3"}


def test_a_block_may_begin_anywhere_and_there_may_be_several() -> None:
    data = [
        {"rowData": [{"values": [text("a")]}]},
        {"startRow": 9, "startColumn": 2, "rowData": [{}, {"values": [{}, text("b")]}]},
        {"startRow": 20},
        {},
    ]
    found = cells(book(sheet([], data=data)))
    assert {(one.place, one.text): place for place, one in found.items()} == {
        ("A1", "a"): (1, 1),
        ("D11", "b"): (11, 4),
    }


def merge(top: int, bottom: int, left: int, right: int) -> Json:
    """Half open; Google leaves out what's 0."""
    area = {"startRowIndex": top, "endRowIndex": bottom, "startColumnIndex": left, "endColumnIndex": right}
    return {name: value for name, value in area.items() if value}


def test_a_merged_value_stands_in_every_cell_with_the_place_of_its_first() -> None:
    rows = [[text("Judul")], [{}, text("2025", hyperlink=FILE), {}], [{}, text("hilang"), text("juga")], [text("x")]]
    found = cells(book(sheet(rows, merges=[merge(0, 1, 0, 3), merge(1, 3, 1, 3)])))
    judul = dict.fromkeys([(1, 1), (1, 2), (1, 3)], ("Judul", "", "A1"))
    tahun = dict.fromkeys([(2, 2), (2, 3), (3, 2), (3, 3)], ("2025", FILE, "B2"))
    assert {place: (one.text, one.link, one.place) for place, one in found.items()} == {
        **judul,
        **tahun,
        (4, 1): ("x", "", "A4"),
    }
    assert all((one.row_no, one.col_no) == place for place, one in found.items())


def test_a_merge_around_nothing_is_nothing() -> None:
    assert cells(book(sheet([[{}, text("hilang")]], merges=[merge(0, 1, 0, 2)]))) == {}


@pytest.mark.parametrize(
    ("area", "size", "covered"),
    [
        ({"endColumnIndex": 1}, (3, 2), {(1, 1), (2, 1), (3, 1)}),
        ({"endRowIndex": 1}, (3, 2), {(1, 1), (1, 2)}),
        ({}, (2, 2), {(1, 1), (1, 2), (2, 1), (2, 2)}),
    ],
)
def test_a_merge_without_an_end_reaches_the_end(area: Json, size: tuple[int, int], covered: set[object]) -> None:
    properties = {"rowCount": size[0], "columnCount": size[1]}
    assert set(cells(book(sheet([[text("a")]], merges=[area], gridProperties=properties)))) == covered


def test_a_merge_to_the_end_of_a_huge_sheet_is_refused() -> None:
    size = {"rowCount": 10_000_000, "columnCount": 26}
    with pytest.raises(GoogleRefusedError) as caught:
        read_spreadsheet(ID, book(sheet([[text("a")]], merges=[{}], gridProperties=size)))
    assert caught.value.status == "too_large"
    assert f"{ID}: terlalu besar (lembar Penilaian: lebih dari 200000 sel digabung)." in str(caught.value)


@pytest.mark.parametrize(("most", "is_refused"), [(6, False), (5, True)])
def test_merges_are_counted_together(monkeypatch: pytest.MonkeyPatch, most: int, is_refused: bool) -> None:
    monkeypatch.setattr(grid, "MOST_MERGED_CELLS", most)
    answer = book(sheet([[text("a")], [text("b")]], merges=[merge(0, 1, 0, 3), merge(1, 2, 0, 4)]))
    if is_refused:
        with pytest.raises(GoogleRefusedError):
            read_spreadsheet(ID, answer)
    else:
        assert len(cells(answer)) == 7


@pytest.mark.parametrize(("most", "is_refused"), [(4, False), (3, True)])
def test_more_cells_than_we_hold_are_refused(monkeypatch: pytest.MonkeyPatch, most: int, is_refused: bool) -> None:
    monkeypatch.setattr(grid, "MOST_CELLS", most)
    answer = book(sheet([[text("a"), {}, text("b")], [text("c"), text("d")]]), sheet([[text("e")]], "Lain"))
    if is_refused:
        with pytest.raises(GoogleRefusedError) as caught:
            read_spreadsheet(ID, answer)
        assert "lembar Penilaian: lebih dari 3 sel terisi" in str(caught.value)
    else:
        assert len(cells(answer)) == 4


# --- which worksheets ----------------------------------------------------------------------------------------------


def test_hidden_worksheets_are_read_and_charts_arent() -> None:
    answer = book(
        sheet([[text("a")]], "Kedua", index=0),
        {"properties": {"sheetId": 8, "title": "Grafik", "sheetType": "OBJECT"}},
        {"properties": {"sheetId": 9, "title": "Sumber", "sheetType": "DATA_SOURCE"}},
        sheet([[text("b")]], "Tersembunyi", hidden=True),
        sheet([], "Kosong"),
    )
    del answer["sheets"][0]["properties"]["sheetType"]
    found = read_spreadsheet(ID, answer)
    assert found.name == ID
    assert [(one.title, len(one.cells)) for one in found.worksheets] == [
        ("Kedua", 1),
        ("Tersembunyi", 1),
        ("Kosong", 0),
    ]


# --- answers that lack something -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "broken",
    {
        "nothing": {},
        "no worksheets": {"spreadsheetId": ID},
        "an empty list of them": {"spreadsheetId": ID, "sheets": []},
        "another spreadsheet": {**book(sheet([[text("a")]])), "spreadsheetId": "1other"},
        "worksheets that are none": {"sheets": "abc"},
        "worksheets of another kind": {"sheets": {"a": 1}},
        "a worksheet without properties": {"sheets": [{"data": []}]},
        "a worksheet without a title": {"sheets": [{"properties": {}, "data": [{}]}]},
        "rows that are none": {"sheets": [sheet([], data=[{"rowData": 7}])]},
        "a cell that is none": {"sheets": [sheet([[7]])]},  # type: ignore[list-item]
        "a value that is none": {"sheets": [sheet([[{"effectiveValue": 7}]])]},
        "a number that is none": {"sheets": [sheet([[number("tiga")]])]},
        "a number beyond numbers": {"sheets": [sheet([[number(float("nan"), "NUMBER", "0.00")]])]},
        "an infinite number": {"sheets": [sheet([[number("Infinity", "NUMBER", "0000000000")]])]},
        "a merge that is none": {"sheets": [sheet([[text("a")]], merges=[7])]},
        "a row before the first": {
            "sheets": [sheet([], data=[{"startRow": -1, "rowData": [{"values": [text("a")]}]}])]
        },
        "a column before the first": {
            "sheets": [sheet([], data=[{"startColumn": -1, "rowData": [{"values": [{}, text("a")]}]}])]
        },
        "a row beyond the last": {
            "sheets": [sheet([], data=[{"startRow": 10**12, "rowData": [{"values": [text("a")]}]}])]
        },
        "a merge before the first row": {
            "sheets": [sheet([[text("a")]], merges=[{"startRowIndex": -1, "endRowIndex": 1, "endColumnIndex": 1}])]
        },
        "a merge of nothing": {"sheets": [sheet([[text("a")]], merges=[{"startRowIndex": 3, "endRowIndex": 3}])]},
    }.values(),
)
def test_an_answer_that_is_no_spreadsheet_is_incomplete(broken: Json) -> None:
    incomplete(broken)


def test_an_answer_of_another_spreadsheet_is_incomplete() -> None:
    incomplete(book(sheet([[text("a")]])), "1other")


@pytest.mark.parametrize("which", [0, 1])
def test_a_worksheet_without_data_is_a_failure_not_an_empty_one(which: int) -> None:
    answer = book(sheet([[text("a")]], "Penilaian"), sheet([[text("b")]], "Lain"))
    del answer["sheets"][which]["data"]
    assert f"lembar {['Penilaian', 'Lain'][which]} tanpa isi" in incomplete(answer)
    answer["sheets"][which]["data"] = []
    incomplete(answer)


def valid_answer(folder: Path) -> Json:
    """With something of everything, as the server gives it for the fields that we ask."""
    workbook = openpyxl.Workbook()
    first = workbook.worksheets[0]
    first.title = "Penilaian"
    rows = [
        ["Tahun", "No Indikator", "Tingkat Kematangan", "Bukti Dukung"],
        [2025, 1, 3, FILE],
        [None, 2.5, "#REF!", date(2025, 4, 3)],
        [None, True, datetime(2025, 4, 3, 10, 30), time(10, 30)],  # noqa: DTZ001
    ]
    for row in rows:
        first.append(row)
    first["B2"].hyperlink = FOLDER
    first["C2"].number_format = "00.00"
    first.merge_cells("A2:A4")
    workbook.create_sheet("Lain")["C3"] = "x"
    path = folder / "a.xlsx"
    workbook.save(path)
    return apply(parse(FIELDS), spreadsheet(path.read_bytes(), ID, "Dinas A"))  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def valid(tmp_path_factory: pytest.TempPathFactory) -> Json:
    return valid_answer(tmp_path_factory.mktemp("valid"))


def paths(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place within an answer."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, child in children:
        yield (*path, name)
        yield from paths(child, (*path, name))


NAMES = {
    "answer": ("spreadsheetId", "sheets"),
    "sheet": ("properties", "merges", "data"),
    "properties": ("title", "sheetType", "gridProperties"),
    "data": ("startRow", "startColumn", "rowData"),
    "cell": (
        *("effectiveValue", "formattedValue", "effectiveFormat", "userEnteredFormat"),
        *("hyperlink", "textFormatRuns", "chipRuns"),
    ),
    "value": ("numberValue", "stringValue", "boolValue", "errorValue"),
    "format": ("numberFormat", "type", "pattern"),
    "merge": ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex"),
    "link": ("format", "link", "uri", "chip", "richLinkProperties"),
}
ANY_NAME = st.sampled_from(sorted({one for names in NAMES.values() for one in names}))
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([-1, 0, 1, 2**31, 10**12]),
    st.floats(),
    st.text(max_size=3),
    st.sampled_from(["DATE", "TIME", "OBJECT", "GRID", "00.00", "0000000000", "NaN", "Infinity", "http://a.id"]),
    st.lists(st.just({}) | st.integers(), max_size=2),
    st.dictionaries(ANY_NAME, st.none() | st.integers() | st.text(max_size=2) | st.just("NaN"), max_size=2),
)


@settings(max_examples=400)
@given(st.data())
def test_an_answer_with_anything_in_it_is_a_workbook_or_a_known_failure(valid: Json, data: st.DataObject) -> None:
    """Something is taken away, replaced, or put in beside where its like stands."""
    answer = copy.deepcopy(valid)
    for _ in range(data.draw(st.integers(1, 3))):
        places = list(paths(answer))
        assume(places)
        depth = data.draw(st.sampled_from(sorted({len(one) for one in places})))
        *above, last = data.draw(st.sampled_from([one for one in places if len(one) == depth]))
        holder: Any = answer
        for name in above:
            holder = holder[name]
        action = data.draw(st.integers(0, 4))
        if action == 0:
            del holder[last]
        elif action == 1 and isinstance(holder, dict):
            like = next((names for names in NAMES.values() if last in names), NAMES["answer"])
            holder[data.draw(st.sampled_from(like))] = data.draw(ODD | st.sampled_from([-1, 10**12]))
        else:
            holder[last] = data.draw(ODD)
    told = ""
    try:
        found = read_spreadsheet(ID, answer)
    except SourceError as error:
        told = str(error)
    if told:
        assert told.startswith(f"{ID}: ")
        assert told.isprintable()
    else:
        check(found)


def check(found: Workbook) -> None:
    """A workbook that the rest of the night can stand on: it must go into the warehouse as it is."""
    for worksheet in found.worksheets:
        assert isinstance(worksheet.title, str)
        places = [(cell.row_no, cell.col_no) for cell in worksheet.cells]
        assert places == sorted(set(places))
        for cell in worksheet.cells:
            assert 1 <= cell.row_no < 2**31
            assert 1 <= cell.col_no < 2**31
            assert cell.kind in KINDS
            assert cell.text or cell.link
            assert all(isinstance(one, str) for one in (cell.text, cell.link))
            letters, row_no = re.fullmatch(r"([A-Z]{1,3})([1-9]\d*)", cell.place).groups()  # type: ignore[union-attr]
            assert letters <= "ZZZ"
            assert int(row_no) <= cell.row_no
        assert worksheet.content_hash


@settings(max_examples=30)
@given(st.data())
def test_without_worksheets_or_data_nothing_is_lost_silently(valid: Json, data: st.DataObject) -> None:
    answer = copy.deepcopy(valid)
    choices: list[tuple[Json, str]] = [(answer, "sheets"), *((one, "data") for one in answer["sheets"])]
    for holder, name in data.draw(st.lists(st.sampled_from(choices), min_size=1, max_size=3)):
        holder.pop(name, None)
    incomplete(answer)


def test_the_valid_answer_is_whole(valid: Json) -> None:
    found = read_spreadsheet(ID, valid)
    check(found)
    assert [len(one.cells) for one in found.worksheets] == [16, 1]
    assert {cell.kind for cell in found.worksheets[0].cells} == KINDS
    assert json.loads(json.dumps(valid)) == valid


# --- the same as the file ------------------------------------------------------------------------------------------


def same(path: Path) -> tuple[list[Worksheet], list[Worksheet]]:
    """A file read as a file, and as the spreadsheet that it becomes."""
    answer = json.loads(json.dumps(apply(parse(FIELDS), spreadsheet(path.read_bytes(), ID, path.stem))))
    return list(read_xlsx(path).worksheets), list(read_spreadsheet(ID, answer).worksheets)


def plain(worksheets: Sequence[Worksheet]) -> list[tuple[str, list[tuple[Any, ...]]]]:
    """For comparing: links as a set, since only their order may differ."""
    return [
        (one.title, [(*cell[:4], frozenset(cell.link.split()), cell.place) for cell in one.cells]) for one in worksheets
    ]


def assert_same(path: Path) -> list[Worksheet]:
    from_file, from_google = same(path)
    assert plain(from_google) == plain(from_file)
    return from_file


LETTERS = st.characters(exclude_categories=("Cs", "Cc", "Cn"), exclude_characters="\ufffe\uffff") | st.sampled_from(
    "\n\t "
)
WORDS = st.text(LETTERS, max_size=12).filter(lambda one: not one.startswith("=") and "_x" not in one)
LINKS = st.sampled_from([FILE, FOLDER, "http://a.id/", "mailto:siti@contoh.go.id", "https://a.id/?q=1&x=%20#bagian"])
DAYS = st.dates(date(1900, 3, 1))
MOMENTS = st.datetimes(datetime(1900, 3, 1), datetime(9999, 12, 30)).map(lambda one: one.replace(microsecond=0))  # noqa: DTZ001
TIMES = st.times().map(lambda one: one.replace(microsecond=0))
NUMBERS = (
    st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(-9999, 9999, places=2).map(float)
)
FORMATS = st.sampled_from(
    [
        "General",
        "0",
        "00",
        "0.00",
        "00.00",
        "0000000000",
        "#,##0.00",
        "0%",
        "0.0%",
        "@",
        '"Rp"#,##0',
        "0.00E+00",
        "[$-421]0.0",
    ]
)
DAY_FORMATS = st.sampled_from(["dd/mm/yyyy", "d-mmm-yy", "yyyy-mm-dd;@", "[$-421]dd mmmm yyyy", "mm-dd-yy"])
ERRORS = st.sampled_from(["#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#N/A", "#NULL!"])
VALUES = st.one_of(
    st.tuples(NUMBERS, FORMATS),
    st.tuples(WORDS, st.just("General")),
    st.tuples(WORDS, FORMATS),
    st.tuples(LINKS, st.just("General")),
    st.tuples(st.booleans(), st.just("General")),
    st.tuples(DAYS, DAY_FORMATS),
    st.tuples(MOMENTS, st.just("yyyy-mm-dd h:mm:ss")),
    st.tuples(TIMES, st.just("h:mm:ss")),
    st.tuples(ERRORS, st.just("General")),
    st.tuples(st.integers(61, 2_958_465), DAY_FORMATS),
    st.tuples(st.none(), FORMATS | DAY_FORMATS),
)
PLACES = st.tuples(st.integers(1, 8), st.integers(1, 5))
AREAS = st.tuples(PLACES, st.integers(0, 2), st.integers(0, 2)).filter(lambda one: one[1] or one[2])


@st.composite
def sheets(draw: st.DrawFn) -> Callable[[Sheet], None]:
    """Values anywhere, links on some, merges that don't overlap."""
    held = draw(st.dictionaries(PLACES, st.tuples(VALUES, st.none() | LINKS), max_size=12))
    covered: set[tuple[int, int]] = set()
    areas = []
    for (row, column), down, right in draw(st.lists(AREAS, max_size=3)):
        inside = {(row + i, column + j) for i in range(down + 1) for j in range(right + 1)}
        if not inside & covered:
            covered |= inside
            areas.append((row, column, row + down, column + right))

    def fill(sheet: Sheet) -> None:
        for (row, column), ((value, form), link) in held.items():
            cell = sheet.cell(row, column)
            cell.value = value
            if cell.number_format == "General" or form not in ("General",):
                cell.number_format = form
            if link is not None and value not in (None, ""):
                cell.hyperlink = link
        for top, left, bottom, right in areas:
            sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)

    return fill


@settings(max_examples=150)
@given(fills=st.lists(sheets(), min_size=1, max_size=2), is_hidden=st.booleans())
def test_a_spreadsheet_reads_as_its_file_does(
    tmp_path: Path, fills: list[Callable[[Sheet], None]], is_hidden: bool
) -> None:
    workbook = openpyxl.Workbook()
    workbook.worksheets[0].title = "Penilaian"
    workbook.create_sheet("Lain").sheet_state = "hidden" if is_hidden else "visible"
    for worksheet, fill in zip(workbook.worksheets, fills, strict=False):
        fill(worksheet)
    path = tmp_path / "a.xlsx"
    workbook.save(path)
    assert_same(path)


def saved(path: Path, fill: Callable[[Sheet], object]) -> Path:
    workbook = openpyxl.Workbook()
    fill(workbook.worksheets[0])
    workbook.save(path)
    return path


def one_value(path: Path, value: object, form: str = "") -> Path:
    def fill(sheet: Sheet) -> None:
        sheet["B2"] = value  # type: ignore[assignment]
        if form:
            sheet["B2"].number_format = form

    return saved(path, fill)


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (99_999_999, "dd/mm/yyyy"),
        (2_958_465, "dd/mm/yyyy"),
        (2_958_465.999_999, "dd/mm/yyyy"),
        (2_958_466, "dd/mm/yyyy"),
        (45750.999_999_999, "dd/mm/yyyy"),
        (1e15, "00"),
        (123456789012345678, "0"),
        (5e-324, "General"),
        (-0.0, "0.00"),
        (1.7e308, "0.00"),
        ("x" * 32_767, ""),
        ("'=1+1", ""),
        ("\u200b", ""),
        ("TRUE", ""),
        ("2025-04-03", ""),
    ],
)
@pytest.mark.filterwarnings("ignore:Cell .* is marked as a date")
def test_values_at_the_edge_read_as_in_the_file(tmp_path: Path, value: object, form: str) -> None:
    (worksheet,) = assert_same(one_value(tmp_path / "a.xlsx", value, form))
    assert [cell.place for cell in worksheet.cells] == ["B2"]


@pytest.mark.parametrize("microsecond", [1, 400_000, 600_000, 999_999])
@pytest.mark.parametrize(("hour", "second"), [(10, 5), (23, 59), (0, 0)])
def test_parts_of_a_second_read_as_in_the_file(tmp_path: Path, hour: int, second: int, microsecond: int) -> None:
    """A form's time stamp and NOW() have them; a rounding of its own could make it another day."""
    moment = datetime(2025, 4, 3, hour, 59, second, microsecond)  # noqa: DTZ001
    assert_same(one_value(tmp_path / "a.xlsx", moment))
    if microsecond < 999_000:
        assert_same(one_value(tmp_path / "a.xlsx", moment.time()))


FORMULAS: Mapping[str, tuple[str, RawCell | None]] = {
    "a number": ("<c r='A1'><f>1.1*3</f><v>3.3000000000000003</v></c>", RawCell(1, 1, "number", "3.3", "", "A1")),
    "text": ("<c r='A1' t='str'><f>\"Level \"&amp;3</f><v>Level 3</v></c>", RawCell(1, 1, "text", "Level 3", "", "A1")),
    "nothing": ('<c r="A1" t="str"><f>IF(B1="","",B1)</f><v></v></c>', None),
    "a boolean": ('<c r="A1" t="b"><f>TRUE()</f><v>1</v></c>', RawCell(1, 1, "boolean", "TRUE", "", "A1")),
    "an error": ('<c r="A1" t="e"><f>Z99</f><v>#REF!</v></c>', RawCell(1, 1, "error", "#REF!", "", "A1")),
    "a link": (
        f"<c r='A1' t='str'><f>HYPERLINK(\"{FILE}\",\"SK\")</f><v>SK</v></c>", RawCell(1, 1, "text", "SK", FILE, "A1"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", FORMULAS)
def test_a_formulas_result_reads_as_in_the_file(tmp_path: Path, kind: str) -> None:
    row, found = FORMULAS[kind]
    path = with_row(one_value(tmp_path / "a.xlsx", 1), row)
    (worksheet,) = assert_same(path)
    assert worksheet.cells == (() if found is None else (found,))


def with_row(path: Path, row: str) -> Path:
    """The file with this as its first worksheet's only row."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    data = f'<sheetData><row r="1">{row}</row></sheetData>'.encode()
    parts[name] = re.sub(rb"<sheetData>.*</sheetData>", lambda _: data, parts[name])
    with zipfile.ZipFile(path, "w") as archive:
        for entry, body in parts.items():
            archive.writestr(entry, body)
    return path


def test_a_merge_to_the_edge_of_a_small_sheet_reads_as_in_the_file(tmp_path: Path) -> None:
    def fill(sheet: Sheet) -> None:
        sheet["Y999"] = 2025
        sheet["Z998"] = "x"
        sheet.merge_cells("Y999:Z1000")

    (worksheet,) = assert_same(saved(tmp_path / "a.xlsx", fill))
    assert [cell.place for cell in worksheet.cells] == ["Z998", *["Y999"] * 4]


def test_a_wide_sheet_reads_as_in_the_file(tmp_path: Path) -> None:
    def fill(sheet: Sheet) -> None:
        for column in (1, 26, 27, 702, 703):
            sheet.cell(3, column).value = column

    (worksheet,) = assert_same(saved(tmp_path / "a.xlsx", fill))
    assert [cell.place for cell in worksheet.cells] == [f"{get_column_letter(no)}3" for no in (1, 26, 27, 702, 703)]


def test_a_length_of_time_isnt_lost(tmp_path: Path) -> None:
    from_file, from_google = same(one_value(tmp_path / "a.xlsx", timedelta(hours=26)))
    assert [len(one[0].cells) for one in (from_file, from_google)] == [1, 1]
