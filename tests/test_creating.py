"""New spreadsheets for OPD that have none: one each, on a shared drive, named in the register, whatever cuts in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import District, Row, write_xlsx
from google_sheets import ANSWERS, READER, WRITER, Called, Json, Place, place, posts
from sheets_server import Fault
from sheets_server.calls import Call
from sheets_server.cells import refresh
from sheets_server.files import File
from sheets_server.grid import put_cell

from spbe_etl.errors import DONE, PUBLISHED_WITH_UNREAD, WRONG_CALL
from spbe_etl.instruments import load_instruments
from spbe_etl.templates import write_templates

YEAR = 2026
ADDRESS = "https://docs.google.com/spreadsheets/d/"
OPD: Sequence[Row] = (
    ("A", "Dinas A", "Dinas", None, "Ya"),
    ("B", '=HYPERLINK("http://jahat.example.id")', "Dinas", None, None),
    ("C", "Dinas C", "Dinas", "https://docs.google.com/spreadsheets/d/1punyaC/edit", "Ya"),
    ("D", "Dinas D", "Dinas", None, "Tidak"),
    (None, "tanpa kode", None, None, None),
)


@dataclass
class Office:
    """A register, and a folder on a shared drive that the writing account may add to and the reading one may see."""

    place: Place
    shared: str
    folder: str

    @property
    def register(self) -> str:
        return self.place.register

    def create(self, *arguments: str, **environment: str) -> Called:
        given = {
            "SPBE_GOOGLE_FOLDER": f"https://drive.google.com/drive/folders/{self.folder}?usp=sharing",
            **environment,
        }
        return self.place.call("template", "--google", "--year", str(YEAR), "--json", *arguments, **given)

    def made(self) -> dict[str, File]:
        """OPD -> the file that was made for it; a second one for an OPD is an error."""
        files = [one for one in self.place.drive.files() if one.app_properties]
        named = {one.app_properties["spbe_opd"]: one for one in files}
        assert len(named) == len(files), [one.name for one in files]
        return named

    def addresses(self) -> list[Any]:
        """The register's Spreadsheet column below its header."""
        rows = self.place.drive.values(self.register, "OPD")
        col = rows[0].index("Spreadsheet")
        return [row[col] if len(row) > col else None for row in rows[1:]]

    def expected(self) -> list[Any]:
        """What that column should say when A and B have theirs."""
        made = self.made()
        own = ["https://docs.google.com/spreadsheets/d/1punyaC/edit", None, None]
        return [f"{ADDRESS}{made[code].id}/edit" for code in "AB"] + own


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with place(tmp_path, None) as made:
        shared = made.drive.shared_drive("Kominfo", members=[WRITER], readers=[READER])
        opened = Office(made, shared, made.drive.folder("SPBE", parents=[shared]))
        put_register(opened, OPD)
        yield opened


def put_register(office: Office, opd: Sequence[Row]) -> None:
    carriers = [("pemdi-2026", no, "A", None) for no in (1, 2)]
    path = office.place.folder / "register.xlsx"
    write_xlsx(path, District(opd=opd, carriers=carriers).register())
    office.place.register = office.place.drive.add_xlsx(path, readers=[READER], writers=[WRITER])
    if len(opd) > 1 and str(opd[1][1]).startswith("="):
        office.place.type_text(office.register, "OPD", "B3", str(opd[1][1]))


def without_addresses(book: Json) -> Json:
    """The register as it is, what its Spreadsheet cells say aside."""
    sheet = next(one for one in book["sheets"] if one["properties"]["title"] == "OPD")
    for row in sheet["data"][0]["rowData"][1:]:
        cells = row.get("values", [])
        for cell in cells[3:4]:
            for name in ("userEnteredValue", "effectiveValue", "formattedValue", "effectiveFormat", "hyperlink"):
                cell.pop(name, None)
        while cells and not cells[-1]:
            cells.pop()
    return book


# --- what's made ---------------------------------------------------------------------------------------------------


def test_each_active_opd_without_a_spreadsheet_gets_one_and_the_register_names_it(office: Office) -> None:
    with office.place.editing(office.register, "OPD") as sheet:
        shade = {"backgroundColor": {"red": 1, "green": 1, "blue": 0.5}}
        put_cell(sheet, 1, 3, refresh({"userEnteredFormat": shade, "note": "isi oleh Kominfo"}))
    before = office.place.drive.copy_json(office.register)
    done = office.create()
    assert done.exit_code == DONE, done.err
    made = office.made()
    assert set(made) == {"A", "B"}
    assert done.told == {"created": {code: f"{ADDRESS}{made[code].id}/edit" for code in "AB"}, "failed": []}
    assert made["A"].name == "Penilaian 2026 Dinas A"
    for one in made.values():
        assert (one.parents, one.drive_id, one.is_spreadsheet) == ([office.folder], office.shared, True)
        assert one.app_properties["spbe_register"] == office.register
    assert office.addresses() == office.expected()
    after = office.place.drive.copy_json(office.register)
    assert without_addresses(after) == without_addresses(before)
    assert len([call for call in posts(office.place.server.calls) if office.register in call.path]) == 1


def test_whoever_would_change_a_header_is_warned(office: Office) -> None:
    office.create()
    for one in office.made().values():
        assert [each["range"] for each in warnings(office, one)] == [
            {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 1},
        ]


def warnings(office: Office, file: File) -> list[Json]:
    """Protections of Penilaian, none of which may keep anybody out."""
    sheet = office.place.drive.sheet(file.id, ANSWERS)
    assert all(one["warningOnly"] for one in sheet.get("protectedRanges", []))
    return list(sheet.get("protectedRanges", []))


def test_a_second_time_makes_nothing_and_changes_nothing(office: Office) -> None:
    office.create()
    before = {one.id: office.place.drive.copy_json(one.id) for one in office.place.drive.files() if one.is_spreadsheet}
    mark = len(office.place.server.calls)
    done = office.create()
    assert (done.exit_code, done.told) == (DONE, {"created": {}, "failed": []})
    assert posts(office.place.since(mark)) == []
    after = {one.id: office.place.drive.copy_json(one.id) for one in office.place.drive.files() if one.is_spreadsheet}
    assert after == before


def test_a_night_reads_what_was_made_and_answers_in_it(office: Office) -> None:
    """The reading account sees the drive; the OPD fill in; the writing account is Content manager."""
    drive = office.place.drive
    drive.set_cell(office.register, "OPD", "E4", "Tidak")
    drive.set_cell(office.register, "OPD", "D4", None)
    office.create()
    file_id = office.made()["A"].id
    rows = drive.values(file_id, ANSWERS)
    column = chr(65 + rows[0].index("Tingkat Kematangan"))
    drive.set_cell(file_id, ANSWERS, f"{column}2", 2)
    ran = office.place.night(1, office.place.writer())
    assert (ran.outcome.exit_code, ran.outcome.failures) == (DONE, ())
    assert ran.outcome.feedback is not None
    assert (ran.outcome.feedback.written, ran.outcome.feedback.failed) == (("A", "B"), ())
    score = ran.mart.row(f"FROM mart.indicator_snapshot WHERE indicator_no = '1' AND year = {YEAR}")
    assert (score["score"], score["is_answered"], score["workbook"]) == (2, True, file_id)
    statuses = office.place.statuses(file_id)
    assert statuses[2].startswith("Diterima, dengan catatan: ")
    assert statuses[3] == "Belum diisi"
    assert set(statuses) == {2, 3}
    assert office.place.statuses(office.made()["B"].id) == {}


def test_people_see_a_table_and_what_to_do_next(office: Office) -> None:
    environment = {"SPBE_GOOGLE_FOLDER": office.folder}
    done = office.place.call("template", "--google", "--year", str(YEAR), **environment)
    assert done.exit_code == DONE
    assert f"{ADDRESS}{office.made()['A'].id}/edit" in done.words
    assert "doctor" in done.words


def test_a_code_that_stands_twice_gets_one(office: Office) -> None:
    """The register's first row of a code counts, whatever its case; also where that one has a spreadsheet already."""
    own = f"{ADDRESS}1punyaC/edit"
    put_register(office, [("A", "Dinas A", "Dinas", None, "Ya"), ("a", "Dinas A", "Dinas", None, "Ya"),
                          ("C", "Dinas C", "Dinas", own, "Ya"), ("C", "Dinas C", "Dinas", None, "Ya")])  # fmt: skip
    done = office.create()
    assert done.exit_code == DONE
    assert set(done.told["created"]) == set(office.made()) == {"A"}
    assert office.addresses() == [f"{ADDRESS}{office.made()['A'].id}/edit", None, own, None]


def test_a_cell_that_leads_to_a_spreadsheet_names_it_too(office: Office) -> None:
    """Words or a chip with an address behind them, as a night reads them."""
    address = f"{ADDRESS}1punyaA/edit"
    with office.place.editing(office.register, "OPD") as sheet:
        linked = {"textFormat": {"link": {"uri": address}}}
        words = {"userEnteredValue": {"stringValue": "Berkas Dinas A"}, "userEnteredFormat": linked}
        put_cell(sheet, 1, 3, refresh(words))
        put_cell(sheet, 2, 3, {"chipRuns": [{"chip": {"richLinkProperties": {"uri": address}}}]})
    done = office.create()
    assert (done.exit_code, done.told["created"], office.made()) == (DONE, {}, {})


def test_a_register_from_the_template_names_files_that_are_not_spreadsheets(office: Office) -> None:
    """As README has it: the template's register, uploaded, with the file names that it came with."""
    folder = office.place.folder / "templat"
    write_templates(folder, load_instruments()["pemdi-2026"], YEAR, [("A", "Dinas A"), ("B", "Dinas B")])
    drive = office.place.drive
    office.place.register = drive.add_xlsx(folder / "register.xlsx", readers=[READER], writers=[WRITER])
    assert [one for one in office.addresses() if one] == ["A.xlsx", "B.xlsx"]
    done = office.create()
    assert done.exit_code == DONE
    assert set(office.made()) == {"A", "B"}
    assert [one for one in office.addresses() if one] == [f"{ADDRESS}{office.made()[code].id}/edit" for code in "AB"]


# --- cut off in the middle -----------------------------------------------------------------------------------------


def uploads(call: Call) -> bool:
    return call.path.startswith("/upload/")


def to_register(office: Office) -> Callable[[Call], bool]:
    return lambda call: call.method == "POST" and office.register in call.path


def protects(call: Call) -> bool:
    return call.method == "POST" and call.kind == "sheets.write"


@pytest.mark.parametrize("kind", ["cut", "refuse", "500", "invalid_json"])
def test_an_upload_that_broke_off_is_made_up_for_without_a_second_one(office: Office, kind: str) -> None:
    """Made though the answer got lost, or not made at all: nobody can tell, so it's looked up at the next run."""
    office.place.server.faults.append(Fault(kind, uploads))
    done = office.create()
    assert done.exit_code == PUBLISHED_WITH_UNREAD
    assert list(done.told["created"]) == ["B"]
    (failed,) = done.told["failed"]
    assert failed["opd_code"] == "A"
    assert failed["reason"].startswith("A: Google belum dapat dihubungi")
    assert office.addresses()[0] is None
    done = office.create()
    assert (done.exit_code, list(done.told["created"])) == (DONE, ["A"])
    assert office.addresses() == office.expected()


@pytest.mark.parametrize("kind", ["cut", "refuse"])
def test_a_register_that_was_not_filled_in_is_filled_in_by_the_next_run(office: Office, kind: str) -> None:
    office.place.server.faults.append(Fault(kind, to_register(office)))
    done = office.create()
    assert done.exit_code != DONE
    assert "belum dapat dihubungi" in done.words
    before = {code: one.id for code, one in office.made().items()}
    assert set(before) == {"A", "B"}
    assert office.create().exit_code == DONE
    assert {code: one.id for code, one in office.made().items()} == before
    assert office.addresses() == office.expected()


@pytest.mark.parametrize("kind", ["refuse", "cut"])
def test_a_header_that_was_left_without_its_warning_gets_it_from_the_next_run(office: Office, kind: str) -> None:
    office.place.server.faults.append(Fault(kind, protects))
    assert office.create().exit_code == PUBLISHED_WITH_UNREAD
    assert office.create().exit_code == DONE
    assert office.addresses() == office.expected()
    assert [len(warnings(office, one)) for one in office.made().values()] == [1, 1]


def test_a_register_that_may_not_be_changed_says_so_and_nothing_is_made_twice(office: Office) -> None:
    drive = office.place.drive
    drive.unshare(office.register, WRITER)
    drive.share(office.register, WRITER)
    done = office.create()
    assert done.exit_code == WRONG_CALL
    assert f"{office.register}: belum dibagikan kepada {WRITER}" in done.err
    assert "Editor" in done.err
    drive.share(office.register, WRITER, writer=True)
    assert office.create().exit_code == DONE
    assert office.addresses() == office.expected()


def test_what_was_made_for_another_register_is_not_taken(office: Office) -> None:
    office.create()
    first = office.register
    put_register(office, OPD)
    assert office.register != first
    assert set(office.create().told["created"]) == {"A", "B"}
    files = [one for one in office.place.drive.files() if one.app_properties]
    assert sorted(one.app_properties["spbe_register"] for one in files) == sorted([first, office.register] * 2)


def test_what_lies_in_the_bin_is_made_anew(office: Office) -> None:
    office.create()
    gone = office.made()["A"]
    office.place.drive.trash(gone.id)
    office.place.drive.set_cell(office.register, "OPD", "D2", None)
    (address,) = office.create().told["created"].values()
    assert gone.id not in address


# --- what can't be made --------------------------------------------------------------------------------------------


def test_without_a_shared_drive_the_way_by_hand_is_told(office: Office) -> None:
    own = office.place.drive.folder("Milik Kominfo", writers=[WRITER])
    done = office.create(SPBE_GOOGLE_FOLDER=own)
    assert done.exit_code == PUBLISHED_WITH_UNREAD
    assert done.told["created"] == {}
    assert {one["opd_code"] for one in done.told["failed"]} == {"A", "B"}
    for one in done.told["failed"]:
        for part in (WRITER, "drive bersama", "spbe-etl template", "unggah", ".xlsx", "kolom Spreadsheet"):
            assert part in one["reason"]
    assert office.addresses()[:2] == [None, None]
    assert office.made() == {}


def test_a_folder_that_is_not_shared_is_named_with_whom_to_share_it(office: Office) -> None:
    hidden = office.place.drive.shared_drive("Lain", members=["orang@lain.id"])
    assert_folder_at_fault(office, office.create(SPBE_GOOGLE_FOLDER=hidden))


def test_a_folder_that_may_only_be_seen_is_named_with_whom_to_share_it(office: Office) -> None:
    seen = office.place.drive.shared_drive("Lain", members=["orang@lain.id"], readers=[WRITER])
    assert_folder_at_fault(office, office.create(SPBE_GOOGLE_FOLDER=seen))


def test_a_folder_that_is_not_there_is_named(office: Office) -> None:
    assert_folder_at_fault(office, office.create(SPBE_GOOGLE_FOLDER="0ATidakAda12345PVA"))


def assert_folder_at_fault(office: Office, done: Called) -> None:
    """Whoever reads it knows that it's the folder, and what to do: not the register's Spreadsheet column."""
    assert done.exit_code != DONE
    assert office.made() == {}
    assert office.addresses()[:2] == [None, None]
    assert "folder" in done.words.lower()
    assert WRITER in done.words
    assert "kolom Spreadsheet" not in done.words


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"SPBE_GOOGLE_FOLDER": ""}, "SPBE_GOOGLE_FOLDER"),
        ({"SPBE_GOOGLE_FOLDER": "bukan folder"}, "SPBE_GOOGLE_FOLDER"),
        ({"SPBE_GOOGLE_REGISTER": ""}, "SPBE_GOOGLE_REGISTER"),
        ({"SPBE_GOOGLE_REGISTER": "1satu,1dua"}, "one register"),
        ({"SPBE_GOOGLE_WRITER_CREDENTIALS": ""}, "SPBE_GOOGLE_WRITER_CREDENTIALS"),
    ],
)
def test_a_wrong_setting_is_exit_2_before_anybody_is_asked(
    office: Office, environment: dict[str, str], said: str
) -> None:
    mark = len(office.place.server.calls)
    done = office.create(**environment)
    assert (done.exit_code, said in done.err) == (WRONG_CALL, True)
    assert office.place.server.calls[mark:] == []


def test_a_register_without_its_worksheet_is_told_of(office: Office) -> None:
    with office.place.drive.changing(office.register) as book:
        book["sheets"] = [one for one in book["sheets"] if one["properties"]["title"] != "OPD"]
    done = office.create()
    assert done.exit_code == WRONG_CALL
    assert f"{office.register}: lembar OPD tidak ada" in done.err
    assert posts(office.place.since(0)) == []


def test_a_name_that_looks_like_a_formula_runs_nowhere(office: Office) -> None:
    office.create()
    book = office.place.drive.copy_json(office.made()["B"].id)
    assert "formulaValue" not in json.dumps(book)
    assert OPD[1][1] in json.dumps(book).replace('\\\\"', '"').replace('\\"', '"')
