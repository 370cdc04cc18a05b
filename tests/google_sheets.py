"""A district in Google's spreadsheets for one test: a Drive behind a server on loopback, and nights that answer in it.

Time is counted and never waited for. Knows the sheets as an OPD sees them; what's read from them is the product's.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from conftest import District, Mart, Ran
from openpyxl.utils import get_column_letter
from sheets_server import Drive, FakeClock, SheetsServer
from sheets_server.calls import Call
from sheets_server.cells import refresh
from sheets_server.grid import position, put_cell
from typer.testing import CliRunner

from spbe_etl.cli import output
from spbe_etl.cli.app import app
from spbe_etl.composition import google_limits
from spbe_etl.deriving import derive_latest
from spbe_etl.errors import SpbeError
from spbe_etl.feedback import MarkWriter, Reply, compose
from spbe_etl.google.client import Google
from spbe_etl.google.credentials import READ_SCOPES, WRITE_SCOPES, Account
from spbe_etl.google.grid import FIELDS, read_spreadsheet
from spbe_etl.google.marking import SpreadsheetMarks
from spbe_etl.google.quota import Clock
from spbe_etl.instruments import load_instruments
from spbe_etl.judging import warm_up
from spbe_etl.marks import Marks, split_marks
from spbe_etl.night import Night, run_night
from spbe_etl.runs import Request
from spbe_etl.settings import Settings
from spbe_etl.sources.google import GoogleSource
from spbe_etl.warehouse import Warehouse
from spbe_etl.workbooks import Workbook

READER, WRITER = "pembaca@contoh.iam.gserviceaccount.com", "penulis@contoh.iam.gserviceaccount.com"
ANSWERS, SUMMARY, STATUS = "Penilaian", "Hasil Pemeriksaan", "Status Pemeriksaan (otomatis)"
HEADING = "Hasil pemeriksaan isian (ditulis otomatis, mohon tidak diubah)"
FIRST_NIGHT = date(2026, 7, 1)
EPOCH = date(1899, 12, 30)

Json = dict[str, Any]


@dataclass(frozen=True)
class Called:
    """What came of a command."""

    exit_code: int
    out: str
    err: str

    @property
    def told(self) -> Any:
        return json.loads(self.out)

    @property
    def words(self) -> str:
        """Everything that was shown, in one line."""
        return " ".join((self.out + " " + self.err).split())


@dataclass
class Place:
    """One institution's spreadsheets, the accounts that read and write them, and a data directory."""

    folder: Path
    drive: Drive
    server: SheetsServer
    register: str = ""
    clock: FakeClock = field(default_factory=FakeClock)
    numbers: Iterator[int] = field(default_factory=count)
    opened: list[duckdb.DuckDBPyConnection] = field(default_factory=list)

    # who asks

    def google(self, email: str = READER, scopes: tuple[str, ...] = READ_SCOPES, retries: int = 15) -> Google:
        settings = Settings(google_retries=retries)
        limits = google_limits(settings, clock=Clock(self.clock.now, self.clock.sleep))
        return Google(Account(email, self.server.account(email)), limits, self.server.endpoint, scopes)

    def writer(self, retries: int = 15) -> SpreadsheetMarks:
        return SpreadsheetMarks(self.google(WRITER, WRITE_SCOPES, retries))

    # nights

    @property
    def settings(self) -> Settings:
        return Settings(data_dir=self.folder / "var")

    def night(
        self,
        number: int = 1,
        writer: MarkWriter | None = None,
        now: datetime | None = None,
        night: date | None = None,
        full: bool = False,
    ) -> Ran:
        """The night of that number, a day after the one before; it answers if there's someone to write."""
        day = night or FIRST_NIGHT + timedelta(days=number - 1)
        moment = now or datetime.combine(day, time(12), UTC)
        run_no = next(self.numbers)
        request = Request(moment, f"run-{run_no}", None if now else day, (), full)
        source = GoogleSource(self.google(), self.register.split(","))
        warm_up()
        with self.warehouse() as warehouse:
            opened = Night(source, self.settings, load_instruments(), request, warehouse, writer)
            outcome = run_night(opened)
        if not self.settings.published_path.exists():
            return Ran(outcome, None)
        copy = self.folder / f"published-{run_no}.duckdb"
        shutil.copyfile(self.settings.published_path, copy)
        self.opened.append(duckdb.connect(str(copy), read_only=True))
        return Ran(outcome, Mart(self.opened[-1]))

    @contextmanager
    def warehouse(self) -> Iterator[Warehouse]:
        self.settings.data_dir.mkdir(parents=True, exist_ok=True)
        warehouse = Warehouse(self.settings.warehouse_path, load_instruments())
        try:
            yield warehouse
        finally:
            warehouse.close()

    def replies(self) -> dict[str, Reply]:
        """What the latest night has to say, by OPD."""
        with self.warehouse() as warehouse:
            derive_latest(warehouse, load_instruments(), self.settings.raw_dir)
            return {one.opd_code: one for one in compose(warehouse)}

    # the command line

    def environment(self) -> dict[str, str]:
        keys = {"pembaca.json": READER, "penulis.json": WRITER}
        for name, email in keys.items():
            if not (self.folder / name).exists():
                self.server.write_credentials(self.folder / name, email)
        return {
            "SPBE_DATA_DIR": str(self.folder / "var"),
            "SPBE_SOURCE": "google",
            "SPBE_GOOGLE_REGISTER": self.register,
            "SPBE_GOOGLE_CREDENTIALS": str(self.folder / "pembaca.json"),
            "SPBE_GOOGLE_WRITER_CREDENTIALS": str(self.folder / "penulis.json"),
            "SPBE_GOOGLE_FOLDER": "",
            "SPBE_GOOGLE_ENDPOINT": self.server.endpoint,
            "SPBE_GOOGLE_READS_PER_MINUTE": "3000",
            "SPBE_GOOGLE_WRITES_PER_MINUTE": "3000",
            "SPBE_GOOGLE_PROJECT_PER_MINUTE": "6000",
        }

    def call(self, *arguments: object, **environment: str) -> Called:
        """Run `spbe-etl` in this process; `environment` goes over this place's own."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(output.console, "_width", 400)
            done = CliRunner().invoke(app, [*map(str, arguments)], env=self.environment() | environment)
        if isinstance(done.exception, SpbeError):
            return Called(done.exception.exit_code, done.stdout, f"{done.stderr}\n{done.exception}")
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Called(done.exit_code, done.stdout, done.stderr)

    # the sheets

    def id(self, name: str) -> str:
        """A spreadsheet by the name of the file that it came from."""
        return self.drive.institution(self.register)[f"{name}.xlsx"]

    def statuses(self, file_id: str) -> dict[int, str]:
        """Row -> text in the status column of Penilaian, header left out."""
        rows = self.drive.values(file_id, ANSWERS)
        places = [(row_no, row.index(STATUS)) for row_no, row in enumerate(rows, start=1) if STATUS in row]
        if not places:
            return {}
        ((first, col),) = places
        return {
            row_no: str(row[col])
            for row_no, row in enumerate(rows, start=1)
            if row_no > first and col < len(row) and row[col] is not None
        }

    def status_column(self, file_id: str) -> tuple[int, str]:
        """Row and letter of the column's header; 0 and nothing where there's none."""
        rows = self.drive.values(file_id, ANSWERS)
        places = [(no, row.index(STATUS)) for no, row in enumerate(rows, start=1) if STATUS in row]
        if not places:
            return 0, ""
        ((row_no, col),) = places
        return row_no, get_column_letter(col + 1)

    def summary(self, file_id: str) -> list[list[str]]:
        """The rows of Hasil Pemeriksaan, its head too; empty if there's none."""
        if SUMMARY not in self.titles(file_id):
            return []
        rows = self.drive.values(file_id, SUMMARY)
        return [["" if one is None else one for one in row] for row in rows]

    def sections(self, file_id: str) -> dict[str, list[dict[str, str]]]:
        """The tables of Hasil Pemeriksaan by their titles, a line as column -> text."""
        rows = [*self.summary(file_id), []]
        gaps = [no for no, row in enumerate(rows) if not row]
        tables = [rows[first + 1 : last] for first, last in pairwise(gaps)]
        return {table[0][0]: [dict(zip(table[1], row, strict=True)) for row in table[2:]] for table in tables}

    def titles(self, file_id: str) -> list[str]:
        return [sheet["properties"]["title"] for sheet in self.drive.spreadsheet(file_id)["sheets"]]

    def type_text(self, file_id: str, title: str, reference: str, text: str) -> None:
        """Text as it is, also where it looks like a formula: typed with an apostrophe before it."""
        with self.editing(file_id, title) as sheet:
            put_cell(sheet, *position(reference), refresh({"userEnteredValue": {"stringValue": text}}))

    @contextmanager
    def editing(self, file_id: str, title: str = ANSWERS) -> Iterator[Json]:
        """An OPD changes a worksheet; the file counts as modified."""
        with self.drive.changing(file_id):
            yield self.drive.sheet(file_id, title)

    def read(self, file_id: str) -> Workbook:
        """The spreadsheet as a night reads it."""
        return read_spreadsheet(file_id, self.google().spreadsheet(file_id, FIELDS))

    def marks(self, file_id: str) -> Marks:
        return split_marks(self.read(file_id))[1]

    def answers_hash(self, file_id: str) -> str:
        """Of Penilaian without our column: what a reply is composed for."""
        theirs, _ = split_marks(self.read(file_id))
        return next(sheet.content_hash for sheet in theirs.worksheets if sheet.title == ANSWERS)

    def since(self, mark: int) -> list[Call]:
        """Calls after the first `mark`, without those for tokens."""
        return [call for call in self.server.calls[mark:] if call.kind != "token"]

    def close(self) -> None:
        for connection in self.opened:
            connection.close()


@contextmanager
def place(folder: Path, source: Path | District | None) -> Iterator[Place]:
    """A folder of workbooks, or a district, in a Drive: register and OPD's files are shared with both accounts."""
    folder.mkdir(parents=True, exist_ok=True)
    drive = Drive()
    with SheetsServer(drive) as server:
        made = Place(folder, drive, server)
        if source is not None:
            path = source if isinstance(source, Path) else source.write_xlsx(folder / "books")
            made.register = drive.add_institution(path, [READER], [WRITER])
        yield made
        made.close()


def theirs_alone(book: Json, column: int | None) -> Json:
    """A spreadsheet's resource without our worksheet and status column (counted from 0), and without their traces."""
    sheets = []
    for sheet in book["sheets"]:
        if sheet["properties"]["title"] == SUMMARY:
            continue
        kept = json.loads(json.dumps(sheet))
        kept.pop("protectedRanges", None)
        if sheet["properties"]["title"] == ANSWERS and column is not None:
            data = kept["data"][0]
            for row in data.get("rowData", []):
                del row.get("values", [])[column : column + 1]
                while row.get("values") and not row["values"][-1]:
                    row["values"].pop()
                if row.get("values") == []:
                    del row["values"]
            while data.get("rowData") and not data["rowData"][-1]:
                data["rowData"].pop()
            del data["columnMetadata"][column]
        sheets.append(kept)
    return {**book, "sheets": sheets}


def download(drive: Drive, file_id: str, path: Path) -> Path:
    """The spreadsheet as an .xlsx file: File > Download, values and merges."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for sheet in drive.copy_json(file_id)["sheets"]:
        made = book.create_sheet(sheet["properties"]["title"])
        for row_no, row in enumerate(sheet["data"][0].get("rowData", []), start=1):
            for col_no, cell in enumerate(row.get("values", []), start=1):
                _put(made, row_no, col_no, cell)
        for area in sheet.get("merges", []):
            made.merge_cells(
                start_row=area["startRowIndex"] + 1,
                end_row=area["endRowIndex"],
                start_column=area["startColumnIndex"] + 1,
                end_column=area["endColumnIndex"],
            )
        if sheet["properties"].get("hidden"):
            made.sheet_state = "hidden"
    book.save(path)
    return path


def _put(sheet: Any, row_no: int, col_no: int, cell: Mapping[str, Any]) -> None:
    value = cell.get("effectiveValue", {})
    form = cell.get("userEnteredFormat", {}).get("numberFormat", {})
    if not value:
        return
    made = sheet.cell(row_no, col_no)
    if "stringValue" in value:
        made.value, made.data_type = value["stringValue"], "s"
    elif "numberValue" in value and form.get("type") == "DATE":
        made.value = datetime.combine(EPOCH + timedelta(days=int(value["numberValue"])), time())
    elif "errorValue" in value:
        made.value, made.data_type = cell["formattedValue"], "e"
    else:
        made.value = next(iter(value.values()))
    if link := cell.get("hyperlink"):
        made.hyperlink = link


def edits_first(writer: MarkWriter, change: Callable[[], object]) -> MarkWriter:
    """A writer that somebody is quicker than: once, right before it."""
    return _Late(writer, [change])


@dataclass
class _Late:
    writer: MarkWriter
    changes: list[Callable[[], object]]

    @property
    def calls(self) -> int:
        return self.writer.calls

    def write(self, workbook: str, content_hash: str, marks: Marks, since: str) -> bool:
        while self.changes:
            self.changes.pop()()
        return self.writer.write(workbook, content_hash, marks, since)


def posts(calls: Sequence[Call]) -> list[Call]:
    return [call for call in calls if call.method == "POST"]
