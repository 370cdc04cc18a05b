"""Our marks told apart from what's an OPD's own: in Google's answer, in a downloaded file, wherever they were moved."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from conftest import HEADERS, answer, penilaian, workbook_of, worksheet_of, write_xlsx
from google_sheets import HEADING, READER, STATUS, SUMMARY, WRITER, Place, download, place
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from spbe_etl.extraction import check, drift
from spbe_etl.feedback import _plain
from spbe_etl.marks import Marks, split_marks, trimmed, words
from spbe_etl.sources import Fetched
from spbe_etl.sources.xlsx import read_xlsx
from spbe_etl.workbooks import RawCell, Workbook, Worksheet

Table = list[list[object]]

# What an OPD types: anything that a file can hold, and never our own header.
printable = st.characters(exclude_categories=["Cc", "Cs", "Cf", "Cn", "Co", "Zl", "Zp"])
typed = st.text(printable, max_size=12).filter(lambda text: text.strip() and "_x" not in text and "status" not in text)
values = st.one_of(st.none(), typed, st.integers(-5, 3000), st.booleans(), st.sampled_from(["=1+1", "3-4", "'x", "@a"]))
tables = st.lists(st.lists(values, min_size=1, max_size=9), max_size=8)

# What compose would say: anything, made fit for a cell.
odd = st.sampled_from("=+-@'\n\t\r\u200b\u200d\u2028\xa0\ufe0f😀👩👧é０＝")
anything = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), odd), max_size=60)
long = st.builds(lambda text, times: text * times, st.text(printable, min_size=1, max_size=7), st.integers(200, 700))
starts = st.sampled_from(["", "=", "+", "-", "@", "'", " =", "\n=", "\u200b=", "-", "="])
said = st.builds(lambda start, text: _plain(start + text), starts, st.one_of(anything, long))
statuses = st.dictionaries(st.integers(2, 12), said.filter(bool), max_size=8)
summaries = st.lists(st.lists(said, max_size=8), max_size=8).map(trimmed)


def marked(table: Sequence[Sequence[object]], header_row: int = 1) -> Table:
    """Penilaian with titles above its header and these rows below."""
    return [["Lampiran"]] * (header_row - 1) + [list(HEADERS["Penilaian"]), *map(list, table)]


def with_status(sheet: Worksheet, row_no: int, col_no: int, marks: Marks) -> Worksheet:
    """The worksheet with our column put into it; what stands at or right of it makes room."""
    ours = {row_no: STATUS, **{row_no + no: text for no, text in marks.statuses.items()}}
    letter = get_column_letter(col_no)
    cells = [RawCell(no, col_no, "text", text, "", f"{letter}{no}") for no, text in ours.items()]
    return Worksheet(sheet.title, tuple(sorted([*cells, *with_room(sheet, col_no).cells], key=lambda cell: cell[:2])))


def with_room(sheet: Worksheet, col_no: int) -> Worksheet:
    """What's left of it when our column is taken out again: a gap."""
    return Worksheet(sheet.title, tuple(cell if cell.col_no < col_no else shifted(cell) for cell in sheet.cells))


def shifted(cell: RawCell) -> RawCell:
    return cell._replace(col_no=cell.col_no + 1, place=f"{get_column_letter(cell.col_no + 1)}{cell.row_no}")


def summary_of(rows: Sequence[Sequence[str]]) -> Worksheet:
    return worksheet_of(SUMMARY, [[HEADING], ["Hasil ini berlaku sejak", "1 Juli 2026"], *rows])


# --- told apart ----------------------------------------------------------------------------------------------------


@given(tables, st.integers(1, 6), st.integers(1, 12), statuses, summaries, tables)
def test_exactly_our_column_and_our_worksheet_are_taken_out_wherever_they_are(
    table: Table,
    header_row: int,
    col_no: int,
    said_beside: Mapping[int, str],
    said_below: tuple[tuple[str, ...], ...],
    other: Table,
) -> None:
    marks = Marks(said_beside, said_below)
    answers, others = worksheet_of("Penilaian", marked(table, header_row)), worksheet_of("Catatan", other)
    ours = summary_of(said_below)
    found = Workbook("x", (ours, with_status(answers, header_row, col_no, marks), others))
    theirs, split = split_marks(found)
    assert theirs == Workbook("x", (with_room(answers, col_no), others))
    assert split.statuses == {header_row + no: text for no, text in said_beside.items()}
    assert split.summary_hash == marks.summary_hash


@given(tables, tables)
def test_a_workbook_without_marks_is_left_as_it_is(table: Table, other: Table) -> None:
    workbook = workbook_of("x", {"Penilaian": marked(table), "Catatan": other})
    assert split_marks(workbook) == (workbook, Marks())


def test_our_column_begins_at_its_header() -> None:
    """What an OPD wrote above it stays the OPD's."""
    sheet = with_status(worksheet_of("Penilaian", marked([], 3)), 3, 8, Marks({1: "Diterima"}))
    above = RawCell(1, 8, "text", "milik OPD", "", "H1")
    theirs, marks = split_marks(Workbook("x", (replace(sheet, cells=(above, *sheet.cells)),)))
    assert [cell for cell in theirs.worksheets[0].cells if cell.col_no == 8] == [above]
    assert marks.statuses == {4: "Diterima"}


@pytest.mark.parametrize(
    "header", ["Status Pemeriksaan (otomatis)", "STATUS  PEMERIKSAAN (OTOMATIS)", "status_pemeriksaan_otomatis "]
)
def test_our_header_is_known_in_every_spelling_that_makes_no_difference(header: str) -> None:
    rows = [[*HEADERS["Penilaian"], header], [*answer(2025, 1, 3), "Diterima"]]
    theirs, marks = split_marks(workbook_of("x", {"Penilaian": rows}))
    assert theirs.worksheets[0] == worksheet_of("Penilaian", [HEADERS["Penilaian"], answer(2025, 1, 3)])
    assert marks.statuses == {2: "Diterima"}


def test_a_column_of_that_name_elsewhere_is_the_opds() -> None:
    workbook = workbook_of("x", {**penilaian(), "Layanan": [["Nama", STATUS], ["a", "b"]]})
    assert split_marks(workbook) == (workbook, Marks())


def test_an_answer_that_says_our_header_stays_an_answer() -> None:
    """The header is a header: not an explanation, whatever it says."""
    row = (2025, 1, None, 3, STATUS, "https://a.id", None)
    workbook = workbook_of("x", penilaian(row, answer(2025, 2, 3)))
    theirs, marks = split_marks(workbook)
    assert theirs == workbook
    assert marks.statuses == {}


def test_a_title_that_says_our_header_stays_a_title() -> None:
    workbook = workbook_of(
        "x", {"Penilaian": [["STATUS PEMERIKSAAN"], [], *penilaian(answer(2025, 1, 3))["Penilaian"]]}
    )
    theirs, marks = split_marks(workbook)
    assert theirs == workbook
    assert marks.statuses == {}


def test_a_cell_merged_across_our_column_is_the_opds_and_no_status() -> None:
    """A line merged over the whole width: its words stand in our column too, and aren't ours to mend."""
    rows = [[*HEADERS["Penilaian"], STATUS], [*answer(2025, 1, 3), "Diterima"]]
    sheet = worksheet_of("Penilaian", rows)
    merged = tuple(RawCell(3, col_no, "text", "Domain 2", "", "A3") for col_no in range(1, 9))
    _, marks = split_marks(Workbook("x", (replace(sheet, cells=(*sheet.cells, *merged)),)))
    assert marks.statuses == {2: "Diterima"}


@pytest.mark.parametrize(
    "rows",
    [
        [["Hasil pemeriksaan kami"], ["baik"]],
        [[None, HEADING]],
        [["Catatan"], [HEADING]],
        [[f"{HEADING}!"]],
        [],
    ],
)
def test_an_opds_own_worksheet_of_that_title_stays_theirs(rows: Table) -> None:
    workbook = workbook_of("x", {**penilaian(answer(2025, 1, 3)), SUMMARY: rows})
    assert split_marks(workbook) == (workbook, Marks())


def test_our_heading_on_another_worksheet_makes_it_none_of_ours() -> None:
    workbook = workbook_of("x", {**penilaian(), "Catatan": [[HEADING], ["baik"]]})
    assert split_marks(workbook) == (workbook, Marks())


def test_words_of_ours_are_what_the_opd_read() -> None:
    assert (words()["status_header"], words()["summary_worksheet"], words()["heading"]) == (STATUS, SUMMARY, HEADING)


def test_marks_cause_no_note_and_land_nowhere() -> None:
    """A column and a worksheet that the contract doesn't know, and yet no drift."""
    plain = workbook_of("x", penilaian(answer(2025, 1, 3)))
    sheet = with_status(plain.worksheets[0], 1, 8, Marks({1: "Diterima"}))
    now = datetime(2026, 7, 1, tzinfo=UTC)
    ours = Workbook("x", (sheet, summary_of([["OPD", "Dinas A"]])))
    landed = check("opd", "k", "73.01", "A", Fetched("x", "x", ours), now)
    before = check("opd", "k", "73.01", "A", Fetched("x", "x", plain), now)
    assert list(drift(landed)) == list(drift(before)) == []
    assert landed.worksheets == before.worksheets
    assert landed.judged_hash == before.judged_hash
    assert (landed.answered_count, landed.headers) == (before.answered_count, before.headers)
    assert landed.marks == Marks({2: "Diterima"}, (("OPD", "Dinas A"),))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Marks({2: "a"}), Marks({3: "a"})),
        (Marks({2: "a"}), Marks({2: "b"})),
        (Marks({2: "a"}), Marks()),
        (Marks({2: "a", 3: "b"}), Marks({2: "ab"})),
    ],
)
def test_other_statuses_have_another_hash(one: Marks, other: Marks) -> None:
    assert one.statuses_hash != other.statuses_hash
    assert Marks(dict(reversed(one.statuses.items()))).statuses_hash == one.statuses_hash


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([["a", "b"]], [["ab"]]),
        ([["a"], ["b"]], [["a", "b"]]),
        ([["a"], [], ["b"]], [["a"], ["b"]]),
        ([["", "a"]], [["a"]]),
        ([["a"]], []),
    ],
)
def test_another_summary_has_another_hash(one: list[list[str]], other: list[list[str]]) -> None:
    assert Marks(summary=trimmed(one)).summary_hash != Marks(summary=trimmed(other)).summary_hash
    assert Marks(summary=trimmed([*one, [""], []])).summary_hash == Marks(summary=trimmed(one)).summary_hash


# --- written and read back -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with place(tmp_path_factory.mktemp("marks"), None) as made:
        yield made


def add(sheets: Place, worksheets: Mapping[str, Sequence[Sequence[object]]]) -> str:
    path = sheets.folder / f"{next(sheets.numbers)}.xlsx"
    write_xlsx(path, worksheets)
    return sheets.drive.add_xlsx(path, readers=[READER], writers=[WRITER])


def hashes(workbook: Workbook) -> dict[str, str]:
    return {sheet.title: sheet.content_hash for sheet in workbook.worksheets}


@given(statuses, summaries)
@settings(max_examples=40)
def test_what_is_written_is_read_back_as_the_same(
    sheets: Place, said_beside: Mapping[int, str], said_below: tuple[tuple[str, ...], ...]
) -> None:
    file_id = add(sheets, penilaian(*(answer(2025, no, 3) for no in range(1, 12))))
    marks = Marks(said_beside, said_below)
    writer, content_hash = sheets.writer(), sheets.answers_hash(file_id)
    assert writer.write(file_id, content_hash, marks, "1 Juli 2026") == bool(said_beside or said_below)
    found = sheets.marks(file_id)
    assert found == marks
    assert (found.statuses_hash, found.summary_hash) == (marks.statuses_hash, marks.summary_hash)
    assert not writer.write(file_id, content_hash, marks, "2 Juli 2026")
    downloaded = split_marks(read_xlsx(download(sheets.drive, file_id, sheets.folder / "back.xlsx")))[1]
    if not any("_x" in text for text in [*said_beside.values(), *sum(said_below, ())]):
        assert downloaded == marks


@given(tables, st.integers(1, 4), st.dictionaries(st.integers(6, 12), said.filter(bool), max_size=4), tables)
@settings(max_examples=25)
def test_hashes_are_what_they_were_before_the_first_feedback(
    sheets: Place, table: Table, header_row: int, said_beside: Mapping[int, str], other: Table
) -> None:
    """Of every worksheet, also of one whose title is ours and that isn't; from Google and from a file."""
    books = {"Penilaian": marked(table, header_row), "Catatan": other or [["x"]], "Layanan": [["Nama", STATUS]]}
    file_id = add(sheets, books)
    path = sheets.folder / "file.xlsx"
    google, file = hashes(sheets.read(file_id)), hashes(read_xlsx(download(sheets.drive, file_id, path)))
    assert list(google) == list(books)
    marks = Marks(said_beside, (("OPD", "Dinas A"), (), ("Tahun",)))
    assert sheets.writer().write(file_id, google["Penilaian"], marks, "1 Juli 2026")
    assert SUMMARY in sheets.titles(file_id)
    assert hashes(split_marks(sheets.read(file_id))[0]) == google
    assert hashes(split_marks(read_xlsx(download(sheets.drive, file_id, path)))[0]) == file


@given(anything)
def test_a_text_of_ours_never_starts_what_a_spreadsheet_runs(text: str) -> None:
    plain = _plain(text)
    assert plain == "-" or not plain.startswith(("=", "+", "-", "@"))
    assert not any(unicodedata.category(sign)[0] == "C" for sign in plain.replace("\n", ""))
    assert plain == plain.strip()
    assert len(plain) <= 2_001


def test_what_is_said_stays_as_it_was_said() -> None:
    assert _plain('Perlu diperbaiki: Sel D3: "3-4" 😀\nbaris dua') == 'Perlu diperbaiki: Sel D3: "3-4" 😀\nbaris dua'
    assert _plain("=1+1") == "'=1+1"
    assert _plain("-") == "-"
    assert _plain("x" * 5000) == "x" * 2000
