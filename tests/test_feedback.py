"""What a night says in each OPD's own spreadsheet, and that it says it without touching anything else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from conftest import HEADERS, OUTCOMES, District, FakeSource, Nights, Ran, Row, answer, derived, penilaian, write_xlsx
from google_sheets import (
    ANSWERS,
    HEADING,
    READER,
    STATUS,
    SUMMARY,
    WRITER,
    Json,
    Place,
    edits_first,
    place,
    posts,
    theirs_alone,
)
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet.datavalidation import DataValidation
from sheets_server import Fault
from sheets_server.batch_cells import keep_top_left
from sheets_server.calls import Call
from sheets_server.grid import delete, insert

from spbe_etl.analysis import analyse
from spbe_etl.errors import DONE, PUBLISHED_WITH_UNREAD
from spbe_etl.feedback import Reply, compose, day_text, send
from spbe_etl.google.credentials import READ_SCOPES, WRITE_SCOPES
from spbe_etl.google.marking import ATTEMPTS
from spbe_etl.google.problems import GoogleUnreachableError
from spbe_etl.instruments import load_instruments
from spbe_etl.marks import Marks, trimmed
from spbe_etl.runs import Failure
from spbe_etl.sample import write_sample
from spbe_etl.settings import Settings

YEAR = 2025
SAID = Marks(
    {2: "Diterima", 3: 'Perlu diperbaiki: Sel D3: "3-4" memuat lebih dari satu nilai.'},
    trimmed([["OPD", "Dinas A (A)"], [], ["Ringkasan"], ["Tahun", "Indikator diampu"], ["2025", "4"]]),
)
JULY_1, JULY_2 = "1 Juli 2026", "2 Juli 2026"
WITHOUT_ROWS = "KEC-PASIMARANNU"
"""An OPD of the sample that has a header and nothing below: there's nothing to say beside it."""


# --- one spreadsheet, written directly -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A Drive without an institution."""
    with place(tmp_path_factory.mktemp("feedback"), None) as made:
        yield made


@dataclass
class Book:
    """One OPD's spreadsheet, and what's written into it."""

    sheets: Place
    id: str
    written: list[bool] = field(default_factory=list)

    def write(self, marks: Marks = SAID, since: str = JULY_1, content_hash: str | None = None) -> list[Call]:
        """Write for the answers as they stand, unless others are given; gives the calls that it took."""
        mark = len(self.sheets.server.calls)
        hashed = self.sheets.answers_hash(self.id) if content_hash is None else content_hash
        reading = len(self.sheets.since(mark))
        self.written.append(self.sheets.writer().write(self.id, hashed, marks, since))
        return self.sheets.since(mark)[reading:]

    @property
    def json(self) -> Json:
        return self.sheets.drive.copy_json(self.id)

    @property
    def statuses(self) -> dict[int, str]:
        return self.sheets.statuses(self.id)

    @property
    def column(self) -> str:
        return self.sheets.status_column(self.id)[1]

    @property
    def said(self) -> Marks:
        return self.sheets.marks(self.id)

    def sheet(self, title: str = ANSWERS) -> Json:
        return next(one for one in self.json["sheets"] if one["properties"]["title"] == title)


def add(sheets: Place, source: Mapping[str, Sequence[Row]] | openpyxl.Workbook | None = None, **sharing: Any) -> Book:
    """A spreadsheet shared with both accounts, from rows or from a workbook."""
    path = sheets.folder / f"{next(sheets.numbers)}.xlsx"
    if isinstance(source, openpyxl.Workbook):
        source.save(path)
    else:
        write_xlsx(path, source or penilaian(answer(YEAR, 1, 3), answer(YEAR, 2, "3-4"), answer(YEAR, 3, None)))
    return Book(sheets, sheets.drive.add_xlsx(path, **{"readers": [READER], "writers": [WRITER], **sharing}))


def rich_workbook(header_row: int = 1) -> openpyxl.Workbook:
    """Everything that an OPD may have in its workbook besides text."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = ANSWERS
    for no in range(1, header_row):
        sheet.cell(no, 1, f"Lampiran {no}")
    for no, header in enumerate(HEADERS[ANSWERS], start=1):
        sheet.cell(header_row, no, header).font = Font(bold=True)
    for row_no, row in enumerate((answer(YEAR, 1, 3), answer(YEAR, "35-2", "3-4")), start=header_row + 1):
        for no, value in enumerate(row, start=1):
            sheet.cell(row_no, no, value)
    last = header_row + 3
    sheet.cell(last, 1, "=A2+0")
    sheet.cell(last, 2, 3)
    sheet.cell(last, 5, "catatan sendiri").comment = Comment("oleh OPD", "OPD")
    sheet.cell(last, 7, date(2025, 3, 4)).number_format = "dd/mm/yyyy"
    sheet.cell(last, 6, "bukti").hyperlink = "https://bukti.example.id/9"
    sheet.cell(last + 2, 3).fill = PatternFill("solid", fgColor="FFFF00")
    sheet.merge_cells(start_row=last + 1, end_row=last + 2, start_column=2, end_column=4)
    sheet.row_dimensions[last].hidden = True
    sheet.column_dimensions["C"].hidden = True
    sheet.freeze_panes = f"B{header_row + 1}"
    choice = DataValidation(type="list", formula1='"1,2,3,4,5"')
    choice.add(f"D{header_row + 1}:D40")
    sheet.add_data_validation(choice)
    other = book.create_sheet("Rekap")
    other["A1"], other["B2"] = "=Penilaian!A2", 0.25
    other.sheet_state = "hidden"
    book.create_sheet("Kosong")
    return book


@pytest.mark.parametrize("header_row", [1, 4])
def test_what_is_the_opds_is_byte_for_byte_what_it_was(sheets: Place, header_row: int) -> None:
    book = add(sheets, rich_workbook(header_row))
    before = book.json
    statuses = {header_row + 1: "Diterima", header_row + 2: "Belum diisi"}
    book.write(replace(SAID, statuses=statuses))
    book.write(replace(SAID, statuses={header_row + 2: "Diterima"}), JULY_2)
    after = book.json
    assert (book.column, book.statuses) == ("H", {header_row + 2: "Diterima"})
    assert theirs_alone(after, 7) == theirs_alone(before, 7)
    assert [one["properties"]["title"] for one in after["sheets"]] == [ANSWERS, "Rekap", "Kosong", SUMMARY]


def test_a_second_time_changes_nothing_and_a_first_is_one_change(sheets: Place) -> None:
    book = add(sheets)
    assert [call.method for call in book.write()] == ["GET", "POST"]
    before = book.json
    assert [call.method for call in book.write(since=JULY_2)] == ["GET"]
    assert book.written == [True, False]
    assert book.json == before
    assert book.sheets.summary(book.id)[:2] == [[HEADING], ["Hasil ini berlaku sejak", JULY_1]]


def test_the_head_moves_with_the_summary_alone(sheets: Place) -> None:
    book = add(sheets)
    book.write()
    book.write(replace(SAID, statuses={2: "Diterima"}), JULY_2)
    assert book.statuses == {2: "Diterima"}
    assert book.sheets.summary(book.id)[1] == ["Hasil ini berlaku sejak", JULY_1]
    book.write(replace(SAID, statuses={2: "Diterima"}, summary=(("OPD", "Dinas B (B)"),)), JULY_2)
    assert book.sheets.summary(book.id) == [[HEADING], ["Hasil ini berlaku sejak", JULY_2], ["OPD", "Dinas B (B)"]]


def test_text_is_text_and_nothing_else(sheets: Place) -> None:
    """Whatever it looks like: no formula, no number, no date, no link."""
    texts = [
        "'=1+1",
        "=1+1",
        "+1",
        "@SUM(A1)",
        "2025",
        "1/2/2025",
        "TRUE",
        "https://bukti.example.id/1",
        "#REF!",
        "0,0250",
    ]
    marks = Marks(dict(enumerate(texts, start=2)), tuple((text, text) for text in texts))
    book = add(sheets)
    book.write(marks)
    col = ord(book.column) - ord("A")
    beside = [row["values"][col] for row in book.sheet()["data"][0]["rowData"] if len(row.get("values", [])) > col]
    below = [cell for row in book.sheet(SUMMARY)["data"][0]["rowData"] for cell in row["values"]]
    assert {tuple(cell["userEnteredValue"]) for cell in [*beside, *below]} == {("stringValue",)}
    assert [cell["userEnteredValue"]["stringValue"] for cell in beside] == [STATUS, *texts]
    assert book.said == marks


def test_statuses_stand_out_by_more_than_their_words(sheets: Place) -> None:
    book = add(sheets)
    book.write(Marks({2: "Diterima", 3: "Diterima, dengan catatan: a", 4: "Perlu diperbaiki: b", 5: "Belum diisi"}))
    rows = book.sheet()["data"][0]["rowData"]
    shades = [json.dumps(rows[no]["values"][7]["userEnteredFormat"]["backgroundColor"]) for no in range(1, 5)]
    assert len(set(shades)) == 4
    assert rows[0]["values"][7]["userEnteredFormat"]["textFormat"] == {"bold": True}


def test_whoever_would_change_what_is_ours_is_warned(sheets: Place) -> None:
    book = add(sheets)
    book.write()
    book.write(Marks({2: "Belum diisi"}, (("OPD", "x"),)))
    (column,) = book.sheet()["protectedRanges"]
    (whole,) = book.sheet(SUMMARY)["protectedRanges"]
    assert column["range"] == {"sheetId": 0, "startColumnIndex": 7, "endColumnIndex": 8}
    assert whole["range"] == {"sheetId": book.sheet(SUMMARY)["properties"]["sheetId"]}
    assert (column["warningOnly"], whole["warningOnly"]) == (True, True)


# where our column stands


def test_our_column_lies_right_of_everything_in_a_grid_that_is_full(sheets: Place) -> None:
    wide = [[*HEADERS[ANSWERS], *[f"Kolom {no}" for no in range(8, 31)]], [*answer(YEAR, 1, 3), *["x"] * 23]]
    book = add(sheets, {ANSWERS: wide})
    before = book.json
    assert book.sheet()["properties"]["gridProperties"]["columnCount"] == 30
    book.write(Marks({2: "Diterima"}))
    assert book.sheet()["properties"]["gridProperties"]["columnCount"] == 31
    assert book.column == "AE"
    after = book.json
    after["sheets"][0]["properties"]["gridProperties"]["columnCount"] = 30
    assert theirs_alone(after, 30)["sheets"][0] == before["sheets"][0]


def test_our_column_lies_right_of_a_far_cell_and_of_merges(sheets: Place) -> None:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    sheet.title = ANSWERS
    for row in (["Lampiran"], HEADERS[ANSWERS], answer(YEAR, 1, 3)):
        sheet.append(list(row))
    sheet["J30"] = "catatan"
    sheet.merge_cells("A1:L1")
    book = add(sheets, made)
    before = book.json
    book.write(Marks({3: "Diterima"}))
    assert (book.sheets.status_column(book.id), book.statuses) == ((2, "M"), {3: "Diterima"})
    assert theirs_alone(book.json, 12) == theirs_alone(before, 12)


def test_our_column_lies_right_of_formulas_that_give_nothing(sheets: Place) -> None:
    """A formula whose result is empty is the OPD's work all the same."""
    book = add(sheets)
    sheets.drive.set_cell(book.id, ANSWERS, "H2", '=IF(D2=""; "kosong"; "")')
    before = book.sheet()["data"][0]["rowData"][1]["values"][7]
    book.write()
    assert book.sheet()["data"][0]["rowData"][1]["values"][7] == before
    assert book.column == "I"


@pytest.mark.parametrize("is_merged", [False, True])
def test_our_header_stands_in_the_headers_first_row(sheets: Place, is_merged: bool) -> None:
    """A header that's merged over two rows, under three lines of titles."""
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    sheet.title = ANSWERS
    for no, header in enumerate(HEADERS[ANSWERS], start=1):
        sheet.cell(4, no, header)
        if is_merged:
            sheet.merge_cells(start_row=4, end_row=5, start_column=no, end_column=no)
    first = 6 if is_merged else 5
    for no, value in enumerate(answer(YEAR, 1, 3), start=1):
        sheet.cell(first, no, value)
    for no in (1, 2, 3):
        sheet.cell(no, 1, f"Lampiran {no}")
    book = add(sheets, made)
    before = book.json
    book.write(Marks({first: "Diterima"}))
    assert book.sheets.status_column(book.id) == (4, "H")
    assert book.statuses == {first: "Diterima"}
    assert theirs_alone(book.json, 7) == theirs_alone(before, 7)
    assert not posts(book.write(Marks({first: "Diterima"})))


def test_our_column_is_known_however_far_down_the_header_is(sheets: Place) -> None:
    """Empty rows above a header are no rows to search; our column must be found where theirs are."""
    book = add(sheets, {ANSWERS: [[] for _ in range(60)] + penilaian(answer(YEAR, 1, 3))[ANSWERS]})
    book.write(Marks({62: "Diterima"}))
    assert not posts(book.write(Marks({62: "Diterima"})))
    assert book.sheets.status_column(book.id) == (61, "H")


# what an OPD does to it


def moved(sheet: Json, source: int, target: int) -> None:
    """A column dragged to another place."""
    cells = [row.get("values", [])[source : source + 1] for row in sheet["data"][0]["rowData"]]
    delete(sheet, "COLUMNS", source, source + 1)
    insert(sheet, "COLUMNS", target, 1)
    for row, cell in zip(sheet["data"][0]["rowData"], cells, strict=True):
        if cell:
            row.setdefault("values", [])[target : target + 1] = cell


def swapped(sheet: Json, first: int, second: int, width: int) -> None:
    """Two rows (counted from 0) sorted the other way, as far as the table's own columns go."""
    rows = [sheet["data"][0]["rowData"][no]["values"] for no in (first, second)]
    rows[0][:width], rows[1][:width] = rows[1][:width], rows[0][:width]


def merged(sheet: Json, top: int, bottom: int, left: int, right: int) -> None:
    """Cells merged by hand: counted from 0, ends not included; the first one's value stays."""
    keep_top_left(sheet, top, bottom, left, right)
    area = {"startRowIndex": top, "endRowIndex": bottom, "startColumnIndex": left, "endColumnIndex": right}
    sheet.setdefault("merges", []).append(area)


def test_our_column_is_known_where_the_opd_dragged_it(sheets: Place) -> None:
    book = add(sheets)
    book.write()
    with sheets.editing(book.id) as sheet:
        moved(sheet, 7, 0)
    before = book.json
    assert not posts(book.write())
    book.write(replace(SAID, statuses={2: "Belum diisi"}))
    assert (book.column, book.statuses) == ("A", {2: "Belum diisi"})
    assert theirs_alone(book.json, 0) == theirs_alone(before, 0)


def test_a_column_of_the_opds_left_of_ours_moves_ours_and_stays(sheets: Place) -> None:
    book = add(sheets)
    book.write()
    with sheets.editing(book.id) as sheet:
        insert(sheet, "COLUMNS", 7, 1)
    for no, value in enumerate(("Catatan", "a", "b"), start=1):
        sheets.drive.set_cell(book.id, ANSWERS, f"H{no}", value)
    before = book.json
    book.write(replace(SAID, statuses={2: "Belum diisi"}))
    assert (book.column, book.statuses) == ("I", {2: "Belum diisi"})
    assert theirs_alone(book.json, 8) == theirs_alone(before, 8)


def test_what_is_typed_into_our_column_is_put_right(sheets: Place) -> None:
    book = add(sheets)
    book.write()
    for cell, value in (("H2", "oke"), ("H4", 5), ("H40", "milik kami"), ("H41", "=1/0"), ("H3", None)):
        sheets.drive.set_cell(book.id, ANSWERS, cell, value)
    before = book.json
    assert len(posts(book.write())) == 1
    assert book.said == SAID
    assert theirs_alone(book.json, 7) == theirs_alone(before, 7)
    assert not posts(book.write())


def test_our_column_is_made_again_where_it_was_deleted(sheets: Place) -> None:
    book = add(sheets)
    before = book.json
    book.write()
    with sheets.editing(book.id) as sheet:
        delete(sheet, "COLUMNS", 7, 8)
    book.write()
    assert (book.column, book.said) == ("H", SAID)
    rows, rows_before = (theirs_alone(one, 7)["sheets"][0]["data"][0]["rowData"] for one in (book.json, before))
    assert rows == rows_before


def test_a_line_merged_across_our_column_is_left_alone_for_good(sheets: Place) -> None:
    """It would be written every night, and never said."""
    book = add(sheets)
    sheets.drive.set_cell(book.id, ANSWERS, "A10", "Domain 2")
    book.write()
    with sheets.editing(book.id) as sheet:
        merged(sheet, 9, 10, 0, 8)
    assert not posts(book.write())
    assert book.sheet()["data"][0]["rowData"][9]["values"][0]["userEnteredValue"] == {"stringValue": "Domain 2"}


def test_cells_of_our_column_that_were_merged_are_not_written_every_night(sheets: Place) -> None:
    """Whatever is made of it: parted again, or left; but not a change a night for good."""
    book = add(sheets)
    marks = replace(SAID, statuses={2: "Diterima", 3: "Diterima", 4: "Belum diisi"})
    book.write(marks)
    with sheets.editing(book.id) as sheet:
        merged(sheet, 2, 4, 7, 8)
    book.write(marks)
    assert not posts(book.write(marks))
    assert book.statuses[2] == "Diterima"


def changed_summary(sheets: Place, change: Callable[[Json], object]) -> Book:
    """Our worksheet after the OPD changed it, then the same said again, twice."""
    book = add(sheets)
    book.write()
    before = book.json
    with sheets.editing(book.id, SUMMARY) as sheet:
        change(sheet)
    book.write(since=JULY_2)
    assert book.said == SAID
    assert theirs_alone(book.json, 7) == theirs_alone(before, 7)
    assert not posts(book.write(since=JULY_2))
    return book


def test_what_is_typed_into_our_worksheet_is_put_right(sheets: Place) -> None:
    def change(sheet: Json) -> None:
        for row, text in ((2, "Dinas Z"), (6, "2024"), (40, "catatan")):
            cells = sheet["data"][0].setdefault("rowData", [])
            cells += [{} for _ in range(row + 1 - len(cells))]
            cell = {"userEnteredValue": {"stringValue": text}, "effectiveValue": {"stringValue": text}}
            cells[row]["values"] = [*cells[row].get("values", [])[:1], cell]

    book = changed_summary(sheets, change)
    assert book.sheets.summary(book.id)[1] == ["Hasil ini berlaku sejak", JULY_2]


def test_rows_deleted_from_our_worksheet_come_back(sheets: Place) -> None:
    changed_summary(sheets, lambda sheet: delete(sheet, "ROWS", 3, 56))


def test_a_column_deleted_from_our_worksheet_comes_back(sheets: Place) -> None:
    changed_summary(sheets, lambda sheet: delete(sheet, "COLUMNS", 1, 4))


def test_a_column_added_to_our_worksheet_and_filled_in_is_cleared_once(sheets: Place) -> None:
    def change(sheet: Json) -> None:
        insert(sheet, "COLUMNS", 8, 2)
        cell = {"userEnteredValue": {"stringValue": "siapa?"}, "effectiveValue": {"stringValue": "siapa?"}}
        values = sheet["data"][0]["rowData"][2]["values"]
        values += [{} for _ in range(9 - len(values))] + [cell]

    changed_summary(sheets, change)


def test_our_worksheet_is_made_again_where_it_was_deleted(sheets: Place) -> None:
    book = add(sheets)
    book.write()
    with sheets.drive.changing(book.id) as resource:
        resource["sheets"] = [one for one in resource["sheets"] if one["properties"]["title"] != SUMMARY]
    book.write(since=JULY_2)
    assert (book.said, book.sheets.summary(book.id)[1]) == (SAID, ["Hasil ini berlaku sejak", JULY_2])


def test_our_worksheet_grows_and_shrinks_with_what_there_is_to_say(sheets: Place) -> None:
    book = add(sheets)
    book.write(replace(SAID, summary=(("OPD", "x"),)))
    for count in (300, 3, 80):
        marks = replace(SAID, summary=tuple((str(no), "x" * no, *["y"] * 6) for no in range(1, count)))
        book.write(marks)
        assert book.said == marks
        assert len(book.sheets.summary(book.id)) == count + 1


def test_a_number_that_a_worksheet_of_theirs_has_is_not_taken(sheets: Place) -> None:
    book = add(sheets, {**penilaian(answer(YEAR, 1, 3)), "Lain": [["a"]]})
    with sheets.drive.changing(book.id) as resource:
        resource["sheets"][1]["properties"]["sheetId"] = 1_905_000_001
    book.write(Marks({2: "Diterima"}, (("OPD", "x"),)))
    numbers = [one["properties"]["sheetId"] for one in book.json["sheets"]]
    assert len(set(numbers)) == len(numbers) == 3


# quicker than we


def test_statuses_are_not_written_beside_other_answers_than_were_judged(sheets: Place) -> None:
    book = add(sheets)
    judged = sheets.answers_hash(book.id)
    with sheets.editing(book.id) as sheet:
        swapped(sheet, 1, 2, 7)
    assert len(posts(book.write(content_hash=judged))) == 1
    assert book.statuses == {}
    assert book.said == replace(SAID, statuses={})


def test_statuses_that_stand_already_stay_where_answers_changed(sheets: Place) -> None:
    book = add(sheets)
    judged = sheets.answers_hash(book.id)
    book.write()
    sheets.drive.set_cell(book.id, ANSWERS, "D2", 4)
    book.write(Marks({2: "Belum diisi"}, (("OPD", "y"),)), content_hash=judged)
    assert book.said == Marks(SAID.statuses, (("OPD", "y"),))


# faults on the way


def to(book: Book, method: str = "POST") -> Callable[[Call], bool]:
    return lambda call: call.method == method and book.id in call.path


def assert_said_once(book: Book) -> None:
    assert book.said == SAID
    headers = [cell for row in book.sheets.drive.values(book.id, ANSWERS) for cell in row if cell == STATUS]
    assert len(headers) == 1
    assert book.sheets.titles(book.id).count(SUMMARY) == 1
    assert len(book.sheet()["protectedRanges"]) == len(book.sheet(SUMMARY)["protectedRanges"]) == 1


@pytest.mark.parametrize(
    ("kind", "tries"),
    [("cut", 1), ("cut_chunked", 1), ("invalid_json", 1), ("html", 1), ("refuse", 2), ("500", 2), ("503", 2)],
)
def test_a_change_that_nobody_knows_of_is_looked_at_and_made_once(sheets: Place, kind: str, tries: int) -> None:
    """Cut off after it was made: it isn't made again. Cut off before: it is."""
    book = add(sheets)
    sheets.server.faults.append(Fault(kind, to(book)))
    calls = book.write()
    assert len(posts(calls)) == tries
    assert [call.method for call in calls] == ["GET", "POST"] * tries + ["GET"] * (2 - tries)
    assert book.written == [True]
    assert_said_once(book)
    assert not posts(book.write())


@pytest.mark.parametrize("kind", ["429", "429_retry_after"])
def test_a_change_that_google_refused_for_now_is_sent_again(sheets: Place, kind: str) -> None:
    book = add(sheets)
    sheets.server.faults.append(Fault(kind, to(book), times=2, retry_after=3))
    assert [call.method for call in book.write()] == ["GET", "POST", "POST", "POST"]
    assert_said_once(book)


def test_nobody_tries_for_ever(sheets: Place) -> None:
    book = add(sheets)
    fault = Fault("refuse", to(book), times=ATTEMPTS)
    sheets.server.faults.append(fault)
    with pytest.raises(GoogleUnreachableError, match="belum dapat dihubungi") as caught:
        book.write()
    assert caught.value.may_be_done
    assert fault.left == 0
    assert SUMMARY not in book.sheets.titles(book.id)


def test_a_half_answer_to_the_look_before_writing_writes_nothing(sheets: Place) -> None:
    book = add(sheets)
    content_hash = sheets.answers_hash(book.id)
    before = book.json
    sheets.server.faults.append(Fault("empty", to(book, "GET")))
    with pytest.raises(GoogleUnreachableError, match="tidak utuh"):
        sheets.writer().write(book.id, content_hash, SAID, JULY_1)
    assert book.json == before


# who can't be written fails alone


def not_shared(book: Book) -> None:
    book.sheets.drive.unshare(book.id, WRITER)


def only_shared_to_read(book: Book) -> None:
    book.sheets.drive.unshare(book.id, WRITER)
    book.sheets.drive.share(book.id, WRITER)


def with_the_title_taken(book: Book) -> None:
    with book.sheets.drive.changing(book.id) as resource:
        resource["sheets"][1]["properties"]["title"] = SUMMARY.lower()


def deleted(book: Book) -> None:
    book.sheets.drive.delete(book.id)


def protected(book: Book) -> None:
    """Cells that only the owner may write."""
    book.sheets.drive.protect(book.id, ANSWERS)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (not_shared, f"belum dibagikan kepada {WRITER}"),
        (only_shared_to_read, "sebagai Editor"),
        (with_the_title_taken, "beri lembar itu nama lain"),
        (deleted, "tidak ditemukan"),
        (protected, f"izinkan {WRITER} menyuntingnya"),
    ],
)
def test_who_can_not_be_written_fails_alone_and_is_told_why(
    sheets: Place, spoil: Callable[[Book], None], said: str
) -> None:
    books = [add(sheets, {**penilaian(answer(YEAR, 1, 3)), "Lain": [["punya kami"]]}) for _ in range(3)]
    replies = [reply(sheets, one, f"OPD{no}") for no, one in enumerate(books)]
    spoil(books[1])
    before = {} if spoil is deleted else books[1].json
    told = send(replies, sheets.writer())
    assert (told.written, told.unchanged) == (("OPD0", "OPD2"), ())
    (failure,) = told.failed
    assert failure == Failure("73.01", "OPD1", books[1].id, failure.reason)
    assert failure.reason.startswith(f"{books[1].id}: ")
    assert said in failure.reason
    assert "\n" not in failure.reason
    # what stands beside the rows needs no worksheet of ours, so it's said where only that one is taken
    assert spoil in (deleted, with_the_title_taken) or books[1].json == before
    assert spoil is not with_the_title_taken or books[1].statuses == {2: "Diterima"}
    assert books[2].said == replace(SAID, statuses={2: "Diterima"})


def reply(sheets: Place, book: Book, opd_code: str, **more: Any) -> Reply:
    """What a night would say to an OPD that was never answered."""
    given: dict[str, Any] = {
        "institution_code": "73.01",
        "opd_code": opd_code,
        "workbook": book.id,
        "content_hash": sheets.answers_hash(book.id),
        "marks": replace(SAID, statuses={2: "Diterima"}),
        "since": JULY_1,
        "statuses_hash": Marks().statuses_hash,
        "summary_hash": Marks().summary_hash,
        "is_good": True,
    }
    return Reply(**{**given, **more})


def test_who_was_found_to_say_it_already_is_not_asked(sheets: Place) -> None:
    book = add(sheets)
    found = {"statuses_hash": SAID.statuses_hash, "summary_hash": SAID.summary_hash, "marks": SAID}
    for one, is_due in (
        (reply(sheets, book, "A", **found), False),
        (reply(sheets, book, "A", **{**found, "statuses_hash": "x"}), True),
        (reply(sheets, book, "A", **{**found, "statuses_hash": "x", "is_good": False}), False),
        (reply(sheets, book, "A", **{**found, "summary_hash": "x", "is_good": False}), True),
        (reply(sheets, book, "A", **{**found, "summary_hash": ""}), False),
    ):
        mark = len(sheets.server.calls)
        told = send([one], sheets.writer())
        assert one.is_due == is_due
        assert bool(sheets.since(mark)) == is_due
        assert len(told.written) + len(told.unchanged) + len(told.unread) == 1


def test_a_day_is_written_as_indonesians_do() -> None:
    assert day_text(date(2026, 7, 1)) == JULY_1
    assert day_text(date(2025, 12, 31)) == "31 Desember 2025"
    assert [day_text(date(2026, month, 9)).split()[1] for month in (1, 2, 3, 5, 6, 8, 10)] == [
        "Januari", "Februari", "Maret", "Mei", "Juni", "Agustus", "Oktober",
    ]  # fmt: skip


# --- nights: the sample with its mess ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sample:
    """Three nights of the sample's Selayar, answered every night; spreadsheets as they were before the first."""

    place: Place
    before: Mapping[str, Json]
    after: Mapping[str, Json]
    nights: Sequence[Ran]
    calls: Sequence[Sequence[Call]]

    @property
    def ids(self) -> Mapping[str, str]:
        """OPD -> its spreadsheet."""
        names = self.place.drive.institution(self.place.register)
        return {name.removesuffix(".xlsx").upper(): one for name, one in names.items() if name != "register.xlsx"}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder / "sample")
    with place(folder / "place", folder / "sample" / "selayar") as made:
        ids = made.drive.institution(made.register).values()
        before = {one: made.drive.copy_json(one) for one in ids}
        nights, calls = [], []
        for number in (1, 2, 3):
            mark = len(made.server.calls)
            nights.append(made.night(number, made.writer()))
            calls.append(made.since(mark))
            if number == 1:
                after = {one: made.drive.copy_json(one) for one in ids}
        yield Sample(made, before, after, nights, calls)


def test_every_opd_is_answered_by_one_change_each(sample: Sample) -> None:
    told = sample.nights[0].outcome.feedback
    assert told is not None
    assert (sorted(told.written), told.unchanged, told.failed) == (sorted(sample.ids), (), ())
    paths = [call.path for call in posts(sample.calls[0])]
    assert sorted(paths) == sorted(f"/v4/spreadsheets/{one}:batchUpdate" for one in sample.ids.values())
    assert told.api_calls == 2 * len(sample.ids)
    assert sample.nights[0].outcome.exit_code == DONE


def test_the_night_after_writes_nothing_and_the_one_after_that_asks_nothing(sample: Sample) -> None:
    """Our own change is read once; then the quiet night is the list of files and the register."""
    second, third = (one.outcome.feedback for one in sample.nights[1:])
    assert second is not None
    assert third is not None
    assert (len(second.unchanged), second.api_calls) == (len(third.unchanged), third.api_calls) == (len(sample.ids), 0)
    assert (len(sample.calls[1]), len(posts(sample.calls[1]))) == (2 + len(sample.ids), 0)
    assert [(call.method, call.kind) for call in sample.calls[2]] == [("GET", "drive"), ("GET", "sheets.read")]
    assert {one: sample.place.drive.copy_json(one) for one in sample.after} == dict(sample.after)


def test_nothing_of_the_opds_changed_and_nothing_of_the_register(sample: Sample) -> None:
    for opd_code, file_id in sample.ids.items():
        _, letter = sample.place.status_column(file_id)
        column = column_index_from_string(letter) - 1 if letter else None
        assert letter or opd_code == WITHOUT_ROWS
        assert theirs_alone(sample.after[file_id], column) == theirs_alone(sample.before[file_id], column), opd_code
    assert sample.after[sample.place.register] == sample.before[sample.place.register]


def test_every_finding_shows_at_each_row_that_it_is_about(sample: Sample) -> None:
    findings = sample.nights[0].mart.rows(
        "FROM mart.rejected_row WHERE opd_code IS NOT NULL AND worksheet = 'Penilaian'"
    )
    assert {one["severity"] for one in findings} == {"critical", "warning"}
    assert {one["rule_code"] for one in findings} >= {"SCORE_ERROR", "SCORE_RANGE", "SCORE_DATE", "SCORE_CONTRADICTS"}
    shown = {opd_code: sample.place.statuses(one) for opd_code, one in sample.ids.items()}
    troubled: set[tuple[str, int]] = set()
    for one in findings:
        message, _, also = one["message"].partition(" Juga di ")
        start = "Perlu diperbaiki: " if one["severity"] == "critical" else "Diterima, dengan catatan: "
        for cell in [one["cell"], *re.findall(r"[A-Z]+[0-9]+", also)]:
            row_no = int(re.sub("[A-Z]", "", cell))
            said = shown[one["opd_code"]][row_no]
            assert said.startswith(start), one
            assert f"Sel {cell}: " in said
            troubled.add((one["opd_code"], row_no))
        assert message in shown[one["opd_code"]][one["row_no"]]
    others = {
        text for opd_code, rows in shown.items() for row_no, text in rows.items() if (opd_code, row_no) not in troubled
    }
    assert others == {"Diterima", "Belum diisi"}


def test_accepted_rows_say_so_and_blank_ones_only_where_the_opd_carries_them(sample: Sample) -> None:
    with derived(sample.place.settings.data_dir) as warehouse:
        rows = warehouse.rows(
            f"SELECT o.opd_code, o.row_no, s.year, s.indicator_no, o.outcome FROM ({OUTCOMES}) AS o "
            "JOIN judged.submission AS s USING (row_key) WHERE o.suite = 'submission'"
        )
    answered = sample.nights[0].mart.rows("FROM mart.indicator_snapshot WHERE stage = 'proposed'")
    carried = {(one["year"], one["indicator_no"]): one["opd_code"] for one in answered}
    shown = {opd_code: sample.place.statuses(one) for opd_code, one in sample.ids.items()}
    told: dict[str, set[int]] = {opd_code: set() for opd_code in shown}
    blank = []
    for one in rows:
        said = shown[one["opd_code"]].get(one["row_no"])
        if one["outcome"] == "blank":
            is_carried = carried.get((one["year"], one["indicator_no"])) == one["opd_code"]
            assert said == ("Belum diisi" if is_carried else None), one
            blank.append(is_carried)
        else:
            expected = {"accepted": "Diterima", "rejected": "Perlu diperbaiki: "}[one["outcome"]]
            assert said is not None
            assert said.startswith(expected), one
        if said is not None:
            told[one["opd_code"]].add(one["row_no"])
    assert set(blank) == {True, False}
    assert told == {opd_code: set(rows) for opd_code, rows in shown.items()}


def test_the_summary_says_what_is_published(sample: Sample) -> None:
    mart = sample.nights[0].mart
    findings = mart.rows("FROM mart.rejected_row WHERE worksheet = 'Penilaian' AND opd_code IS NOT NULL")
    blockers = mart.rows("FROM mart.opd_blocker")
    steps = mart.rows("FROM mart.target_step ORDER BY step_no")
    for opd_code, file_id in sample.ids.items():
        said = sample.place.sections(file_id)
        assert sample.place.summary(file_id)[:2] == [[HEADING], ["Hasil ini berlaku sejak", JULY_1]]
        totals = mart.rows(
            "FROM mart.opd_snapshot WHERE opd_code = ? AND year > 2023 AND carried_count + accepted_count "
            "+ rejected_count + warning_count + points_blocked > 0 ORDER BY year DESC",
            [opd_code],
        )
        assert [summed(one) for one in said.get("Ringkasan", [])] == [
            (
                str(one["year"]), str(one["carried_count"]), str(one["answered_count"]), str(one["accepted_count"]),
                str(one["rejected_count"]), str(one["warning_count"]), points(one["points_blocked"]),
            )
            for one in totals
        ]  # fmt: skip
        for title, severity in (("Yang perlu diperbaiki", "critical"), ("Catatan (tetap dihitung)", "warning")):
            expected = {
                (str(one["year"]), one["indicator_no"], one["cell"], one["message"])
                for one in findings
                if (one["opd_code"], one["severity"]) == (opd_code, severity)
            }
            assert {tuple(one.values()) for one in said.get(title, [])} == expected
        held = {
            (one["year"], one["indicator_no"], points(one["points_blocked"]), points(one["points_together"]))
            for one in blockers
            if one["opd_code"] == opd_code
        }
        assert {
            (int(one["Tahun"]), one["No Indikator"], one["Poin terbuka bila hanya OPD ini naik"],
             one["Poin terbuka bila semua OPD naik"])
            for one in said.get("Indikator yang tertahan oleh OPD ini", [])
        } == held  # fmt: skip
        assert [
            (one["No Indikator"], one["Tingkat berikutnya"], one["Poin indeks yang bertambah"])
            for one in said.get("Langkah berikutnya menuju target", [])
        ] == [
            (one["indicator_no"], f"{one['to_score'].normalize():f}".replace(".", ","), points(one["points"]))
            for one in steps
            if one["opd_code"] == opd_code
        ]
    assert steps


def summed(one: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(text for title, text in one.items() if title != "Belum diisi")


def points(value: Decimal) -> str:
    return f"{value:.4f}".replace(".", ",")


def test_what_is_carried_and_not_answered_is_listed_and_counted(sample: Sample) -> None:
    """An indicator that was answered and rejected is to be mended, not to be filled in."""
    mart = sample.nights[0].mart
    rejected = {
        (one["opd_code"], one["year"], one["indicator_no"])
        for one in mart.rows("FROM mart.rejected_row WHERE severity = 'critical' AND opd_code IS NOT NULL")
    }
    missing: dict[str, set[tuple[int, str]]] = {opd_code: set() for opd_code in sample.ids}
    external = {
        (code, one.no) for code, made in load_instruments().items() for one in made.indicators if one.is_external
    }
    for one in mart.rows("FROM mart.indicator_snapshot WHERE stage = 'proposed' AND NOT is_answered"):
        key = (one["opd_code"], one["year"], one["indicator_no"])
        is_external = (one["instrument_code"], one["indicator_no"]) in external
        if key not in rejected and key[0] in missing and not is_external:
            missing[key[0]].add(key[1:])
    assert sum(map(len, missing.values())) > 0
    for opd_code, file_id in sample.ids.items():
        said = sample.place.sections(file_id)
        listed = [(int(one["Tahun"]), one["No Indikator"]) for one in said.get("Yang belum diisi", [])]
        assert set(listed) == missing[opd_code]
        counted = {int(one["Tahun"]): int(one["Belum diisi"]) for one in said.get("Ringkasan", [])}
        assert sum(counted.values()) == len(listed)


def test_whoever_has_nothing_to_mend_is_thanked(sample: Sample) -> None:
    thanked = {
        opd_code
        for opd_code, one in sample.ids.items()
        if ["Tidak ada yang perlu diperbaiki. Terima kasih."] in sample.place.summary(one)
    }
    owing = {
        opd_code
        for opd_code, one in sample.ids.items()
        if {
            "Yang perlu diperbaiki",
            "Data ekosistem: baris yang belum tercatat",
            "Yang belum diisi",
            "Indikator yang tertahan oleh OPD ini",
        }
        & set(sample.place.sections(one))
    }
    assert thanked | owing == set(sample.ids)
    assert not thanked & owing
    assert len(thanked) > 3


def landed_texts(settings: Settings) -> str:
    """A query for every text that ever landed."""
    return f"SELECT unnest(texts) AS text FROM read_parquet('{settings.raw_dir}/*/*.row.parquet')"


def test_our_marks_never_reach_raw(sample: Sample) -> None:
    """Nights 2 and 3 read what night 1 wrote; and the answers are what they were, so nothing new was kept."""
    with sample.place.warehouse() as warehouse:
        titles = warehouse.rows("SELECT DISTINCT title FROM raw.content")
        ours = warehouse.rows(
            f"FROM ({landed_texts(sample.place.settings)}) WHERE text LIKE '%tatus Pemeriksaan%' "
            "OR text LIKE 'Diterima%' OR text LIKE 'Perlu dip%' OR text LIKE '%asil pemeriksaan%'"
        )
        contents = warehouse.rows(
            "SELECT opd_code, worksheet FROM raw.fetch_worksheet GROUP BY ALL HAVING count(DISTINCT content_no) > 1"
        )
    assert SUMMARY not in {one["title"] for one in titles}
    assert (ours, contents) == ([], [])
    notes = [note for one in sample.nights for note in one.outcome.notes]
    assert not any(STATUS in note or SUMMARY in note for note in notes)
    assert [one.outcome.counts["rows_accepted"] for one in sample.nights] == [1422] * 3


# --- nights: what OPD do meanwhile ---------------------------------------------------------------------------------


HOSTILE_NAME = '=HYPERLINK("http://jahat.example.id"; "klik")'
HOSTILE_SCORE = "=1+1|' /C calc'!A0"
RANGE = (
    'Perlu diperbaiki: Sel D3: "3-4" memuat lebih dari satu nilai. Pilih satu nilai. '
    "Isi dengan bilangan bulat 1 sampai 5."
)
USUAL = {2: "Diterima", 3: RANGE, 5: "Diterima"}
"""Beside the rows that every OPD of this district filled in, in the order in which it did."""
OPD = {
    "AWAL": "its answers are changed between the night's read and our writing",
    "CABUT": "deletes our column",
    "GABUNG": "merges the cells of two scores",
    "GESER": "drags our column to the left",
    "HAPUS": "deletes our worksheet",
    "HILANG": "loses its header",
    "JAHAT": "has texts that look like formulas",
    "KETIK": "types into our column",
    "KOSONG": "clears most of its answers",
    "LAMA": "is not active any more",
    "PULIH": "mends what was to be mended",
    "PUTUS": "is written over a connection that breaks",
    "SISIP": "inserts a column left of ours",
    "TETAP": "does nothing",
    "TUTUP": "isn't shared with the writing account",
    "TUKAR": "sorts its rows",
    "UNIK": "has a worksheet of its own with our title",
}


def town() -> District:
    """An OPD for each thing that may happen, all with the same answers."""
    rows = [answer(YEAR, 1, 3), answer(YEAR, 2, "3-4"), answer(YEAR, 3, None), answer(YEAR, 4, 2)]
    books: dict[str, Any] = {code.lower(): penilaian(*rows) for code in OPD}
    books["pulih"] = penilaian(*rows, answer(YEAR, 13, 3))
    books["unik"] = {**penilaian(*rows), SUMMARY: [["Rapat"], ["punya kami"]]}
    carriers = [*(("spbe-2020", no, "PULIH", None) for no in (1, 2, 3, 4, 5)), ("spbe-2020", 13, "PULIH", "TETAP")]
    opd = [(code, f"Dinas {code.title()}", "Dinas", code.lower(), "Tidak" if code == "LAMA" else "Ya") for code in OPD]
    return District(opd=opd, carriers=carriers, books=books)


@dataclass(frozen=True)
class Town:
    """Three nights of that district; what the OPD did was done before the second."""

    place: Place
    before: Mapping[str, Json]
    statuses: Sequence[Mapping[str, Mapping[int, str]]]
    columns: Sequence[Mapping[str, tuple[int, str]]]
    summaries: Sequence[Mapping[str, list[list[str]]]]
    books: Sequence[Mapping[str, Json]]
    nights: Sequence[Ran]
    calls: Sequence[Sequence[Call]]

    def head(self, night: int, opd_code: str) -> dict[str, str]:
        """The lines of the summary above its first table."""
        rows = self.summaries[night][opd_code]
        return {row[0]: row[-1] for row in rows[1 : rows.index([]) if [] in rows else None]}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with place(tmp_path_factory.mktemp("town"), town()) as made:
        ids = {code: made.id(code.lower()) for code in OPD}
        prepare(made, ids)
        before = {code: made.drive.copy_json(one) for code, one in ids.items()}
        told = Town(made, before, [], [], [], [], [], [])
        made.server.faults.append(Fault("cut", lambda call: call.method == "POST" and ids["PUTUS"] in call.path))
        for number in (1, 2, 3):
            mark = len(made.server.calls)
            writer = made.writer()
            if number == 1:
                late = edits_first(writer, lambda: made.drive.set_cell(ids["AWAL"], ANSWERS, "D2", 4))
                # half past one in Makassar, still the day before in London
                told.nights.append(made.night(writer=late, now=datetime(2026, 6, 30, 17, 30, tzinfo=UTC)))
            else:
                told.nights.append(made.night(number, writer))
            told.calls.append(made.since(mark))
            told.statuses.append({code: made.statuses(one) for code, one in ids.items()})
            told.columns.append({code: made.status_column(one) for code, one in ids.items()})
            told.summaries.append({code: made.summary(one) for code, one in ids.items()})
            told.books.append({code: made.drive.copy_json(one) for code, one in ids.items()})
            if number == 1:
                meddle(made, ids)
        yield told


def prepare(made: Place, ids: Mapping[str, str]) -> None:
    row_no = 2 + list(OPD).index("JAHAT")
    made.type_text(made.register, "OPD", f"B{row_no}", HOSTILE_NAME)
    made.type_text(ids["JAHAT"], ANSWERS, "D3", HOSTILE_SCORE)
    with made.editing(ids["GABUNG"]) as sheet:
        merged(sheet, 2, 4, 3, 4)
    made.drive.unshare(ids["TUTUP"], WRITER)


def meddle(made: Place, ids: Mapping[str, str]) -> None:
    made.drive.set_cell(ids["PULIH"], ANSWERS, "D3", 3)
    with made.editing(ids["TUKAR"]) as sheet:
        swapped(sheet, 1, 2, 7)
    with made.editing(ids["SISIP"]) as sheet:
        insert(sheet, "COLUMNS", 7, 1)
    made.drive.set_cell(ids["SISIP"], ANSWERS, "H1", "Catatan Kami")
    made.drive.set_cell(ids["SISIP"], ANSWERS, "H3", "tanya Kominfo")
    with made.editing(ids["CABUT"]) as sheet:
        delete(sheet, "COLUMNS", 7, 8)
    for cell, value in (("H2", "sudah benar!"), ("H4", 5), ("H20", "catatan"), ("H3", None)):
        made.drive.set_cell(ids["KETIK"], ANSWERS, cell, value)
    with made.editing(ids["GESER"]) as sheet:
        moved(sheet, 7, 0)
    with made.drive.changing(ids["HAPUS"]) as resource:
        resource["sheets"] = [one for one in resource["sheets"] if one["properties"]["title"] != SUMMARY]
    made.drive.set_cell(ids["HILANG"], ANSWERS, "D1", "Angka")
    for cell in ("D2", "D3"):
        made.drive.set_cell(ids["KOSONG"], ANSWERS, cell, None)


def test_who_can_not_be_answered_is_named_and_the_night_is_as_good_as_without(story: Town) -> None:
    first = story.nights[0].outcome
    assert first.exit_code == DONE
    assert first.feedback is not None
    assert set(first.feedback.written) == set(OPD) - {"TUTUP", "UNIK"}
    reasons = {one.opd_code: one.reason for one in first.feedback.failed}
    assert set(reasons) == {"TUTUP", "UNIK"}
    assert f"belum dibagikan kepada {WRITER}" in reasons["TUTUP"]
    assert f"sudah ada lembar bernama {SUMMARY}" in reasons["UNIK"]
    assert story.books[0]["TUTUP"] == story.before["TUTUP"]
    assert story.statuses[0]["UNIK"], "its own worksheet keeps the summary away, not what stands beside its rows"


def test_the_first_night_says_what_is_expected(story: Town) -> None:
    first = story.statuses[0]
    assert first["PULIH"] == {**USUAL, 4: "Belum diisi", 6: "Diterima"}
    for code in ("TETAP", "SISIP", "GESER", "HILANG", "PUTUS"):
        assert first[code] == USUAL
    assert story.summaries[0]["PULIH"] == [
        [HEADING],
        ["Hasil ini berlaku sejak", JULY_1],
        ["OPD", "Dinas Pulih (PULIH)"],
        [],
        ["Ringkasan"],
        ["Tahun", "Indikator diampu", "Sudah terjawab", "Baris diterima", "Baris perlu diperbaiki", "Catatan",
         "Belum diisi", "Poin indeks yang tertahan"],
        ["2025", "6", "3", "3", "1", "0", "2", "0,0000"],
        [],
        ["Yang perlu diperbaiki"],
        ["Tahun", "No Indikator", "Sel", "Yang perlu dilakukan"],
        ["2025", "2", "D3", RANGE.removeprefix("Perlu diperbaiki: ")],
        [],
        ["Yang belum diisi"],
        ["Tahun", "No Indikator", "Indikator"],
        ["2025", "3", "Tingkat Kematangan Kebijakan Internal Manajemen Data"],
        ["2025", "5", "Tingkat Kematangan Kebijakan Internal Layanan Pusat Data"],
    ]  # fmt: skip


def test_who_holds_an_indicator_back_is_told_by_how_much(story: Town) -> None:
    held = story.place.sections(story.place.id("tetap"))["Indikator yang tertahan oleh OPD ini"]
    assert [list(one.values())[3:] for one in held] == [["-", "3", "0,0250", "0,0250"]]
    assert story.place.sections(story.place.id("tetap"))["Ringkasan"][0]["Poin indeks yang tertahan"] == "0,0250"


def test_a_row_that_a_merged_cell_covers_is_told_too(story: Town) -> None:
    assert story.statuses[0]["GABUNG"] == {2: "Diterima", 3: RANGE, 4: RANGE, 5: "Diterima"}


def test_an_opd_that_is_not_active_is_told_so_at_each_answer(story: Town) -> None:
    said = story.statuses[0]["LAMA"]
    assert set(said) == {2, 3, 5}
    assert all("tercatat tidak aktif" in text for text in said.values())
    assert said[3].startswith(RANGE)


def test_hostile_names_and_cells_are_text(story: Town) -> None:
    (opd,) = [row for row in story.summaries[0]["JAHAT"] if row[:1] == ["OPD"]]
    assert opd == ["OPD", f"'{HOSTILE_NAME} (JAHAT)"]
    assert f'Sel D3: "{HOSTILE_SCORE}"' in story.statuses[0]["JAHAT"][3]
    for code in OPD:
        for book, before in ((story.books[0], story.before), (story.books[2], story.before)):
            assert formulas(book[code]) == formulas(before[code])


def formulas(book: Json) -> list[str]:
    cells = [
        cell for one in book["sheets"] for row in one["data"][0].get("rowData", []) for cell in row.get("values", [])
    ]
    return [
        cell["userEnteredValue"]["formulaValue"] for cell in cells if "formulaValue" in cell.get("userEnteredValue", {})
    ]


def test_a_broken_connection_ends_in_one_answer(story: Town) -> None:
    assert len([call for call in posts(story.calls[0]) if story.place.id("putus") in call.path]) == 1
    assert story.summaries[0]["PUTUS"][2] == ["OPD", "Dinas Putus (PUTUS)"]
    titles = [one["properties"]["title"] for one in story.books[0]["PUTUS"]["sheets"]]
    assert titles == [ANSWERS, SUMMARY]


def test_answers_that_changed_meanwhile_get_their_statuses_a_night_later(story: Town) -> None:
    assert (story.statuses[0]["AWAL"], story.columns[0]["AWAL"]) == ({}, (0, ""))
    assert story.summaries[0]["AWAL"][2] == ["OPD", "Dinas Awal (AWAL)"]
    assert story.statuses[1]["AWAL"] == USUAL


def test_what_was_mended_is_not_said_any_more_and_the_date_moves(story: Town) -> None:
    assert story.statuses[1]["PULIH"] == {2: "Diterima", 3: "Diterima", 4: "Belum diisi", 5: "Diterima", 6: "Diterima"}
    assert story.head(1, "PULIH")["Hasil ini berlaku sejak"] == JULY_2
    assert ["Yang perlu diperbaiki"] not in story.summaries[1]["PULIH"]
    assert ["2025", "6", "4", "4", "0", "0", "2", "0,0000"] in story.summaries[1]["PULIH"]


def test_who_did_nothing_sees_nothing_move(story: Town) -> None:
    assert story.head(2, "TETAP")["Hasil ini berlaku sejak"] == JULY_1
    assert story.books[0]["TETAP"] == story.books[1]["TETAP"] == story.books[2]["TETAP"]


def test_sorted_rows_have_their_own_statuses_a_night_later(story: Town) -> None:
    assert story.statuses[1]["TUKAR"] == {2: RANGE.replace("D3", "D2"), 3: "Diterima", 5: "Diterima"}


@pytest.mark.parametrize(
    ("code", "column"), [("SISIP", "I"), ("CABUT", "H"), ("KETIK", "H"), ("GESER", "A"), ("HAPUS", "H")]
)
def test_what_an_opd_did_to_our_part_is_put_right(story: Town, code: str, column: str) -> None:
    expected = {2: "Diterima", 3: shifted(code), 5: "Diterima"}
    assert story.statuses[1][code] == story.statuses[2][code] == expected
    assert story.columns[1][code] == (1, column)
    assert story.summaries[1][code][2] == ["OPD", f"Dinas {code.title()} ({code})"]


def shifted(code: str) -> str:
    """The score's own column moves where ours was put before it."""
    return RANGE.replace("D3", "E3") if code == "GESER" else RANGE


def test_a_column_that_the_opd_put_left_of_ours_is_as_it_left_it(story: Town) -> None:
    values = story.place.drive.values(story.place.id("sisip"), ANSWERS)
    assert [row[7] if len(row) > 7 else None for row in values] == ["Catatan Kami", None, "tanya Kominfo", None, None]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("HILANG", "baris judul tidak lengkap; kolom yang tidak ditemukan: Tingkat Kematangan"),
        ("KOSONG", "jawaban turun dari 3 menjadi 1 baris sekaligus"),
    ],
)
def test_a_workbook_that_can_not_be_used_says_why_and_since_when_and_keeps_its_statuses(
    story: Town, code: str, said: str
) -> None:
    assert story.nights[1].outcome.exit_code == PUBLISHED_WITH_UNREAD
    head = story.head(1, code)
    assert head["Perhatian"].startswith(said)
    assert story.place.id(code.lower()) not in head["Perhatian"]
    assert head["Hasil ini berlaku sejak"] == JULY_2
    assert story.statuses[1][code] == story.statuses[0][code] == USUAL
    assert "Perhatian" not in story.head(0, code)
    assert ["Tidak ada yang perlu diperbaiki. Terima kasih."] not in story.summaries[1][code]


@pytest.mark.parametrize("code", ["HILANG", "KOSONG"])
def test_the_day_of_data_in_use_is_the_institutions_day(story: Town, code: str) -> None:
    """Read at half past one in Makassar on the first of July, when it was still June in London."""
    assert story.head(1, code)["Isian yang dipakai dibaca pada"] == JULY_1


def test_a_quiet_night_writes_nothing_also_where_something_stays_wrong(story: Town) -> None:
    assert posts(story.calls[2]) == []
    third = story.nights[2].outcome.feedback
    assert third is not None
    assert third.written == ()
    assert {one.opd_code for one in third.failed} == {"TUTUP", "UNIK"}
    assert third.api_calls == 2
    assert story.books[1] == story.books[2]


def test_no_spreadsheet_is_changed_twice_in_a_night(story: Town) -> None:
    for calls in story.calls:
        paths = [call.path for call in posts(calls)]
        assert len(paths) == len(set(paths))


def test_only_the_opds_own_worksheet_of_our_title_is_kept(story: Town) -> None:
    with story.place.warehouse() as warehouse:
        kept = warehouse.rows(
            "SELECT DISTINCT opd_code FROM raw.fetch_worksheet JOIN raw.content USING (content_no) WHERE title = $1",
            [SUMMARY],
        )
        texts = landed_texts(story.place.settings)
        ours = warehouse.rows(f"FROM ({texts}) WHERE text IN ($1, $2)", [STATUS, HEADING])
        said = warehouse.rows(f"FROM ({texts}) WHERE text LIKE 'Diterima%' OR text LIKE 'Perlu diperbaiki%'")
    assert [one["opd_code"] for one in kept] == ["UNIK"]
    assert (ours, said) == ([], [])


# --- nights: who isn't answered ------------------------------------------------------------------------------------


@dataclass
class Nobody:
    """A writer that must not be asked."""

    calls: int = 0

    def write(self, workbook: str, content_hash: str, marks: Marks, since: str) -> bool:
        raise AssertionError(workbook)


def two_opd(code: str = "73.01") -> District:
    rows = [answer(YEAR, 1, 3), answer(YEAR, 2, "3-4")]
    opd = [("A", "Dinas A", "Dinas", "a", "Ya"), ("B", "Dinas B 😀 — ｗｉｄｅ " + "é" * 40, "Dinas", "b", "Ya")]
    carriers = [("spbe-2020", no, "A", None) for no in (1, 2, 3)]
    return District(
        code, f"Kabupaten {code}", opd=opd, carriers=carriers, books={name: penilaian(*rows) for name in "ab"}
    )


def test_an_institution_that_is_refused_answers_nobody_and_others_do(tmp_path: Path) -> None:
    """Its last published night stands, so nothing new is said; though its spreadsheets could be read and written."""
    with place(tmp_path, two_opd()) as made:
        other = two_opd("73.02").write_xlsx(tmp_path / "other")
        refused = made.drive.add_institution(other, [READER], [WRITER])
        names = made.drive.institution(refused)
        for cell in ("A", "B", "C", "D"):
            made.drive.set_cell(names["b.xlsx"], ANSWERS, f"{cell}1", None)
        made.drive.unshare(names["a.xlsx"], READER)
        read_only = made.drive.copy_json(names["b.xlsx"])
        made.register = f"{made.register},{refused}"
        told = made.night(1, made.writer()).outcome
        assert set(told.refused) == {"73.02"}
        assert told.feedback is not None
        assert (told.feedback.written, told.feedback.failed) == (("A", "B"), ())
        assert made.drive.copy_json(names["b.xlsx"]) == read_only
        assert all(names["b.xlsx"] not in call.path for call in posts(made.server.calls))
        called = made.call("feedback", "--institution", "73.02")
        assert (called.exit_code, "Nothing to answer" in called.err) == (2, True)


def test_nothing_published_answers_nobody(tmp_path: Path) -> None:
    with place(tmp_path, two_opd()) as made:
        for name in ("a", "b"):
            made.drive.unshare(made.id(name), READER)
        told = made.night(1, Nobody()).outcome
    assert (told.published, told.feedback) == (None, None)


def test_who_was_never_read_is_told_why_if_anybody_can_be_told(tmp_path: Path) -> None:
    """A spreadsheet without its worksheet can be answered in; one that's closed to the reader isn't even looked at."""
    opd = [(code, f"Dinas {code}", "Dinas", code.lower(), "Ya") for code in "ABCD"]
    books: dict[str, Any] = {**{code: penilaian(answer(YEAR, 1, 3)) for code in "acd"}, "b": {"Sheet1": [["kosong"]]}}
    with place(tmp_path, District(opd=opd, books=books)) as made:
        made.drive.unshare(made.id("c"), READER)
        before = {name: made.drive.copy_json(made.id(name)) for name in "bc"}
        told = made.night(1, made.writer()).outcome
        assert told.exit_code == PUBLISHED_WITH_UNREAD
        assert told.feedback is not None
        assert (told.feedback.written, told.feedback.unread) == (("A", "B", "D"), ("C",))
        said = (
            "lembar Penilaian tidak ada (lembar yang ditemukan: Sheet1). Beri nama Penilaian pada lembar yang dimaksud."
        )
        assert made.summary(made.id("b"))[1:] == [
            ["Hasil ini berlaku sejak", JULY_1],
            ["OPD", "Dinas B (B)"],
            ["Perhatian", said],
        ]
        assert theirs_alone(made.drive.copy_json(made.id("b")), None) == before["b"]
        assert made.drive.copy_json(made.id("c")) == before["c"]


def test_what_could_not_be_published_is_not_said_later_either(tmp_path: Path) -> None:
    """The earlier publication stands: what others read and what OPD are told is the same night's."""
    with place(tmp_path, two_opd()) as made:
        made.settings.data_dir.mkdir()
        made.settings.published_dir.write_text("in the way")
        told = made.night(1, Nobody()).outcome
        assert (told.published, told.feedback) == (None, None)
        assert told.error is not None
        assert told.refused == {}
        done = made.call("feedback")
        assert (done.exit_code, "Nothing to answer" in done.err) == (2, True)
        assert posts(made.since(0)) == []


def test_a_night_without_a_writer_answers_nobody(run: Nights) -> None:
    assert run(FakeSource([two_opd()])).outcome.feedback is None


def tables_of(reply: Reply) -> dict[str, list[list[str]]]:
    """The summary's tables by their titles, without their headers."""
    found: dict[str, list[list[str]]] = {}
    before: tuple[str, ...] = ()
    title = ""
    for line in reply.marks.summary:
        if before == () and len(line) == 1:
            title = line[0]
            found[title] = []
        elif title and line:
            found[title].append(list(line))
        before = line
    return {name: rows[1:] for name, rows in found.items()}


def test_findings_of_inventories_name_their_worksheet_and_hide_nothing(run: Nights) -> None:
    """They come last, what's found alike in many rows is one line, and there's an end to the lines."""
    columns = ("ID", "Nama Layanan", "Tujuan", "Proses bisnis terkait", "Fungsi")
    rows = [(f"LYN-{no}", f"Layanan {no}", "melayani", f"PB-{no}", None) for no in range(100)]
    places = ("Jenis Objek", "ID", "Nama Objek"), ("Satelit", "INF-1", "Langit"), ("Satelit", "INF-2", "Bulan")
    district = two_opd()
    district.targets = [(YEAR, "2,6", None)]
    district.books = {
        "a": {**penilaian(answer(YEAR, 1, "3-4")), "Layanan": [columns, *rows], "Infrastruktur": places},
        "b": {"Penilaian": [HEADERS["Penilaian"]], "Layanan": [columns, ("LYN-1", "Layanan", None, "PB-1", "ada")]},
    }
    ran = run(district)
    with derived(run.settings.data_dir) as warehouse:
        analyse(warehouse)
        replies = {one.opd_code: one for one in compose(warehouse)}
    told = tables_of(replies["A"])
    titles = list(told)
    unlisted, noted = titles[-2:]
    assert (unlisted, noted) == (
        "Data ekosistem: baris yang belum tercatat",
        "Data ekosistem: catatan (tetap tercatat)",
    )
    assert titles.index("Yang perlu diperbaiki") < titles.index(unlisted)
    assert [row[2][:7] for row in told["Yang perlu diperbaiki"]] == ["D2"], "scores alone"
    ((cell, count, message),) = told[unlisted]
    assert (cell, count) == ("Infrastruktur!A2", "2")
    assert message.endswith("Juga di A3.")
    *lines, more = told[noted]
    assert len(lines) == 60
    assert all(line[0].startswith("Layanan!") for line in lines)
    empty = [line for line in lines if line[1] != "1"]
    assert empty
    assert all(line[2].endswith(" dan 87 lagi.") for line in empty)
    findings = ran.mart.rows(
        "SELECT rule_code, column_name, found FROM mart.rejected_row WHERE opd_code = 'A' AND severity = 'warning' "
        "AND worksheet = 'Layanan' GROUP BY ALL"
    )
    assert more == [f"dan {len(findings) - 60} hal lagi; yang di atas lebih dulu."]
    told_of_b = str(replies["B"].marks.summary)
    assert "Layanan!C2" in told_of_b
    assert "Belum ada isian" not in told_of_b


# --- the command line ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Two OPD and a night that answered neither."""
    with place(tmp_path_factory.mktemp("asked"), two_opd()) as made:
        done = made.call("run", "--bare", "--json", "--night", "2026-07-01")
        assert done.exit_code == DONE, done.err
        assert done.told["feedback"] is None
        yield made


def test_a_dry_run_prints_all_and_asks_nobody(asked: Place) -> None:
    mark = len(asked.server.calls)
    before = {name: asked.drive.copy_json(asked.id(name)) for name in "ab"}
    done = asked.call("feedback", "--dry-run")
    assert done.exit_code == DONE
    assert "2 spreadsheet OPD akan ditulis" in done.words
    for part in ("73.01 A", "73.01 B", RANGE, "Dinas B 😀", "Yang belum diisi", asked.id("a"), "Diterima", STATUS):
        assert part in done.words
    told = asked.call("feedback", "--dry-run", "--json").told
    assert [(one["institution_code"], one["opd_code"], one["workbook"]) for one in told] == [
        ("73.01", "A", asked.id("a")),
        ("73.01", "B", asked.id("b")),
    ]
    assert told[0]["statuses"] == [{"row_no": 2, "text": "Diterima"}, {"row_no": 3, "text": RANGE}]
    assert told[0]["summary"][0] == ["OPD", "Dinas A (A)"]
    assert told[1]["summary"][0] == ["OPD", f"{two_opd().opd[1][1]} (B)"]
    assert asked.server.calls[mark:] == []
    assert {name: asked.drive.copy_json(asked.id(name)) for name in "ab"} == before


def test_a_dry_run_needs_no_key(asked: Place) -> None:
    assert asked.call("feedback", "--dry-run", SPBE_GOOGLE_WRITER_CREDENTIALS="").exit_code == DONE


def test_the_command_answers_one_opd_or_all_and_tells_of_it(asked: Place) -> None:
    done = asked.call("feedback", "--opd", "b", "--json")
    assert (done.exit_code, done.told) == (
        DONE,
        {"written": ["B"], "unchanged": [], "unread": [], "failed": [], "api_calls": 2},
    )
    assert asked.summary(asked.id("a")) == []
    assert asked.statuses(asked.id("b")) == {2: "Diterima", 3: RANGE}
    done = asked.call("feedback")
    assert "ditulis ke 1 spreadsheet OPD, 1 lainnya sudah sesuai" in done.words
    done = asked.call("feedback", "--all", "--json")
    assert (done.exit_code, done.told["written"], done.told["unchanged"]) == (DONE, [], ["A", "B"])
    asked.drive.set_cell(asked.id("a"), ANSWERS, "H2", "oke")
    asked.drive.unshare(asked.id("b"), WRITER)
    done = asked.call("feedback", "--all", "--json")
    asked.drive.share(asked.id("b"), WRITER, writer=True)
    assert (done.exit_code, done.told["written"]) == (10, ["A"])
    (failed,) = done.told["failed"]
    assert (failed["institution_code"], failed["opd_code"]) == ("73.01", "B")
    assert WRITER in failed["reason"]


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (("feedback", "--opd", "ZZZ"), {}, "Nothing to answer"),
        (("feedback",), {"SPBE_GOOGLE_WRITER_CREDENTIALS": ""}, "SPBE_GOOGLE_WRITER_CREDENTIALS"),
        (("run", "--bare", "--feedback"), {"SPBE_GOOGLE_WRITER_CREDENTIALS": ""}, "SPBE_GOOGLE_WRITER_CREDENTIALS"),
        (("run", "--bare", "--feedback", "--source", "."), {}, "give --source google"),
        (("feedback",), {"SPBE_GOOGLE_WRITER_CREDENTIALS": "pembaca.json"}, "Use another one"),
        (("run", "--bare", "--feedback"), {"SPBE_GOOGLE_WRITER_CREDENTIALS": "pembaca.json"}, "Use another one"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_2_before_anybody_is_asked(
    asked: Place, arguments: tuple[str, ...], environment: dict[str, str], said: str
) -> None:
    mark = len(asked.server.calls)
    environment = {name: value and str(asked.folder / value) for name, value in environment.items()}
    done = asked.call(*arguments, **environment)
    assert done.exit_code == 2
    assert said in done.err
    assert asked.server.calls[mark:] == []


def test_the_reader_can_not_write_even_where_it_may() -> None:
    """Two accounts, and scopes that let each do its own part alone."""
    assert all(scope.endswith("readonly") for scope in READ_SCOPES)
    assert {scope.rsplit("/", 1)[1] for scope in WRITE_SCOPES} == {"spreadsheets", "drive.metadata.readonly"}


def test_a_run_answers_when_it_is_told_to(tmp_path: Path) -> None:
    with place(tmp_path, two_opd()) as made:
        done = made.call("run", "--bare", "--feedback", "--night", "2026-07-01")
        assert done.exit_code == DONE, done.err
        assert "ditulis ke 2 spreadsheet OPD" in done.words
        assert made.statuses(made.id("a")) == {2: "Diterima", 3: RANGE}
        # what the next night reads is what was written, so nobody is due; `--all` looks all the same
        assert made.call("run", "--bare", "--night", "2026-07-02").exit_code == DONE
        made.drive.set_cell(made.id("a"), ANSWERS, "H2", "oke")
        mark = len(made.server.calls)
        assert made.call("feedback", "--dry-run", "--json").told == []
        assert len(made.call("feedback", "--dry-run", "--all", "--json").told) == 2
        assert made.call("feedback", "--json").told["unchanged"] == ["A", "B"]
        assert made.server.calls[mark:] == []
        assert made.call("feedback", "--all", "--json").told["written"] == ["A"]
        assert made.statuses(made.id("a")) == {2: "Diterima", 3: RANGE}
