"""Builders of registers and OPD workbooks from plain data, and a fixture that runs nights on them.

Everything but the place where workbooks come from is real: the warehouse, the SQL, Great Expectations.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import duckdb
import openpyxl
import pytest
from browser import Browser
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from openpyxl.utils import get_column_letter
from typer.testing import CliRunner

from spbe_etl.building import SUITES
from spbe_etl.cells import Cell
from spbe_etl.cli.app import app
from spbe_etl.deriving import derive_latest
from spbe_etl.instruments import load_instruments
from spbe_etl.night import Night, run_night
from spbe_etl.runs import Outcome, Request
from spbe_etl.settings import Settings, quiet_dependencies
from spbe_etl.sources import Fetched, RegisterSource, Source
from spbe_etl.sources.folder import FolderSource
from spbe_etl.warehouse import Warehouse
from spbe_etl.workbooks import RawCell, Workbook, Worksheet

os.environ.setdefault("SPBE_REPORT", "")
"""Nights make no report, but where a test asks for one."""

Row = Sequence[object]
Sheets = Mapping[str, Sequence[Row]]

NIGHT = date(2026, 7, 1)
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
OFFICIAL, INTERNAL = "Hasil Akhir", "Asesor Internal"
HEADERS: Mapping[str, tuple[str, ...]] = {
    "Instansi": ("Kode", "Nama", "Jenis", "Zona Waktu"),
    "OPD": ("Kode OPD", "Nama OPD", "Jenis", "Spreadsheet", "Aktif", "Pengganti"),
    "Pengampu": ("Instrumen", "No Indikator", "Pengampu", "Pendukung"),
    "Verifikasi": ("Tahun", "No Indikator", "Tahap", "Nilai", "Asesor", "Tanggal", "Catatan"),
    "Target": ("Tahun", "Indeks Target", "Keterangan"),
    "Hasil Terbit": ("Tahun", "Instansi", "Bagian", "Nilai", "Sumber"),
    "Penilaian": (
        "Tahun",
        "No Indikator",
        "Indikator",
        "Tingkat Kematangan",
        "Penjelasan",
        "Bukti Dukung",
        "Tanggal Bukti",
    ),
}
FOUR_OPD = (
    ("A", "Dinas A", "Dinas", "a", "Ya"),
    ("B", "Dinas B", "Dinas", "b", "Ya"),
    ("C", "Dinas C", "Dinas", "c", None),
    ("X", "Dinas Lama", "Dinas", "x", "Tidak"),
)

# A night takes a second: without shrinking a failure is told at once; `--hypothesis-profile shrink` makes it small.
for profile, phases in {"night": (Phase.explicit, Phase.generate), "shrink": tuple(Phase)}.items():
    hypothesis_settings.register_profile(
        profile,
        deadline=None,
        derandomize=True,
        database=None,
        phases=phases,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    )
hypothesis_settings.load_profile("night")


def answer(year: int, indicator_no: object, score: object, links: object = "https://bukti.example.id/1") -> Row:
    """A complete row of Penilaian: nothing to warn about."""
    return (year, indicator_no, None, score, "sudah dilakukan", links, None)


def penilaian(*rows: Row) -> dict[str, Sequence[Row]]:
    """An OPD workbook with a header and these rows."""
    return {"Penilaian": [HEADERS["Penilaian"], *rows]}


@dataclass
class District:
    """One institution as plain data. `books`: a workbook's worksheets by the reference that the register uses."""

    code: str = "73.01"
    name: str = "Kabupaten Contoh"
    zone: str = "Asia/Makassar"
    opd: Sequence[Row] = FOUR_OPD
    carriers: Sequence[Row] = ()
    verdicts: Sequence[Row] = ()
    targets: Sequence[Row] = ()
    published: Sequence[Row] = ()
    books: Mapping[str, Sheets | Workbook] = field(default_factory=dict)
    register_book: Workbook | None = None
    """In place of a register made from the fields above, for a fake source."""

    def register(self) -> dict[str, Sequence[Row]]:
        """The register's worksheets, headers first."""
        rows: dict[str, Sequence[Row]] = {
            "Instansi": [(self.code, self.name, "Kabupaten", self.zone)],
            "OPD": self.opd,
            "Pengampu": self.carriers,
            "Verifikasi": self.verdicts,
            "Target": self.targets,
            "Hasil Terbit": self.published,
        }
        return {title: [HEADERS[title], *body] for title, body in rows.items()}

    def workbooks(self) -> dict[str, Sheets]:
        books = {name: sheets for name, sheets in self.books.items() if not isinstance(sheets, Workbook)}
        return {"register": self.register(), **books}

    def write_xlsx(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name, sheets in self.workbooks().items():
            write_xlsx(folder / f"{name.removesuffix('.xlsx')}.xlsx", sheets)
        return folder

    def write_csv(self, folder: Path) -> Path:
        for name, sheets in self.workbooks().items():
            for title, rows in sheets.items():
                path = folder / name / f"{title}.csv"
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("w", encoding="utf-8", newline="") as file:
                    csv.writer(file).writerows(["" if one is None else one for one in row] for row in rows)
        return folder

    def source(self) -> FakeSource:
        return FakeSource([self])


def write_xlsx(path: Path, sheets: Sheets) -> None:
    """A real .xlsx with these rows; text that starts with `=` is written as a formula."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for title, rows in sheets.items():
        worksheet = workbook.create_sheet(title)
        for row in rows:
            worksheet.append(list(row))
    workbook.save(path)


def cell_of(value: object) -> Cell | None:
    """A plain value as a source would hand it out; a Cell as it is, None and empty text as nothing."""
    if isinstance(value, Cell):
        return value
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return Cell("boolean", str(value).upper())
    if isinstance(value, date):
        return Cell("date", value.isoformat())
    if isinstance(value, int | float | Decimal):
        return Cell("number", str(value))
    return Cell("text", str(value))


def worksheet_of(title: str, rows: Sequence[Row]) -> Worksheet:
    """Rows as a worksheet, the first one in row 1."""
    cells = (
        RawCell(row_no, col_no, cell.kind, cell.text, "", f"{get_column_letter(col_no)}{row_no}")
        for row_no, row in enumerate(rows, start=1)
        for col_no, value in enumerate(row, start=1)
        if (cell := cell_of(value)) is not None
    )
    return Worksheet(title, tuple(cells))


def workbook_of(name: str, sheets: Sheets) -> Workbook:
    return Workbook(name, tuple(worksheet_of(title, rows) for title, rows in sheets.items()))


@dataclass(frozen=True)
class FakeRegisterSource:
    """A district in memory, behind the port of `spbe_etl.sources`."""

    district: District
    key: str
    register_failure: str = ""

    def fetch_register(self) -> Fetched:
        if self.register_failure:
            return Fetched("register", "register", reason=self.register_failure)
        if self.district.register_book is not None:
            return Fetched("register", "register", self.district.register_book)
        return Fetched("register", "register", workbook_of("register", self.district.register()))

    def fetch(self, references: Sequence[str], known: Mapping[str, str] = MappingProxyType({})) -> Iterator[Fetched]:
        for reference in references:
            sheets = self.district.books.get(reference)
            if sheets is None:
                yield Fetched(reference, reference, reason=f"{reference}: berkas tidak ditemukan.")
            elif isinstance(sheets, Workbook):
                yield Fetched(reference, reference, sheets)
            else:
                yield Fetched(reference, reference, workbook_of(reference, sheets))


@dataclass(frozen=True)
class FakeSource:
    """Districts in memory; those in `failing` have a register that can't be read tonight."""

    districts: Sequence[District]
    failing: Sequence[str] = ()
    api_calls: int = 0
    notes: Sequence[str] = ()

    def registers(self) -> Sequence[RegisterSource]:
        return [
            FakeRegisterSource(one, one.code, "register: rusak." if one.code in self.failing else "")
            for one in self.districts
        ]


@dataclass(frozen=True)
class Mart:
    """A published file, opened read-only."""

    connection: duckdb.DuckDBPyConnection

    def rows(self, statement: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        cursor = self.connection.execute(statement, list(parameters))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def row(self, statement: str, parameters: Sequence[object] = ()) -> dict[str, Any]:
        (row,) = self.rows(statement, parameters)
        return row

    def values(self, statement: str, parameters: Sequence[object] = ()) -> list[Any]:
        return [value for (value,) in self.connection.execute(statement, list(parameters)).fetchall()]


@dataclass(frozen=True)
class Ran:
    """What came of a night, and the published file as others see it after it (None: never published)."""

    outcome: Outcome
    published: Mart | None

    @property
    def mart(self) -> Mart:
        assert self.published is not None, self.outcome
        return self.published


@dataclass
class Nights:
    """Runs nights in process on one data directory.

    Called as run(source, night=..., now=..., accepted=...); the source is a District, a folder or any Source.
    """

    folder: Path
    opened: list[duckdb.DuckDBPyConnection] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def __call__(
        self,
        source: Source | District | Path,
        night: date | None = NIGHT,
        now: datetime = NOW,
        accepted: Sequence[str] = (),
        run_id: str | None = None,
    ) -> Ran:
        number = next(self.numbers)
        instruments = load_instruments()
        warehouse = Warehouse(self.settings.warehouse_path, instruments)
        request = Request(now, run_id or f"run-{number}", night, tuple(accepted))
        try:
            outcome = run_night(Night(source_of(source), self.settings, instruments, request, warehouse))
        finally:
            warehouse.close()
        return Ran(outcome, self.reopen() if self.settings.published_path.exists() else None)

    def reopen(self) -> Mart:
        """What's published now: a copy, since DuckDB hands out the file that a process has open under a path."""
        copy = self.folder / f"published-{len(self.opened)}.duckdb"
        shutil.copyfile(self.settings.published_path, copy)
        self.opened.append(duckdb.connect(str(copy), read_only=True))
        return Mart(self.opened[-1])

    @property
    def settings(self) -> Settings:
        return Settings(data_dir=self.folder / "var")

    def fresh(self) -> Nights:
        """Nights on a data directory of their own, for one example of many."""
        folder = self.folder / f"fresh-{next(self.numbers)}"
        folder.mkdir(parents=True)
        return Nights(folder)

    def close(self) -> None:
        """Close what was opened and remove the files: examples are many."""
        for connection in self.opened:
            connection.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def standing_at(score: int, raised: int, targets: Sequence[Row]) -> District:
    """All 47 indicators of 2025 at a score, and the first few one above it; one OPD carries them."""
    carriers = [("spbe-2020", no, "A", None) for no in range(1, 48)]
    answers = [answer(2025, no, score + (no <= raised)) for no in range(1, 48)]
    return District(opd=FOUR_OPD[:1], carriers=carriers, targets=targets, books={"a": penilaian(*answers)})


def ask_command(run: Nights, command: str, *arguments: str) -> Any:
    """What a command says as JSON of what's published; raises what it raised."""
    result = CliRunner().invoke(app, [command, "--data-dir", str(run.settings.data_dir), "--json", *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return json.loads(result.stdout)


@contextmanager
def derived(folder: Path) -> Iterator[Warehouse]:
    """The warehouse of a data directory, with the latest night derived again in memory."""
    settings = Settings(data_dir=folder)
    warehouse = Warehouse(settings.warehouse_path, load_instruments())
    try:
        derive_latest(warehouse, load_instruments(), settings.raw_dir)
        yield warehouse
    finally:
        warehouse.close()


OUTCOMES = " UNION ALL ".join(
    f"SELECT '{suite}' AS suite, r.row_key, s.institution_code, s.opd_code, s.workbook, s.worksheet, "
    f"r.content_no, r.row_no, "
    f"CASE WHEN r.is_blank THEN 'blank' WHEN x.row_key IS NOT NULL THEN 'rejected' ELSE 'accepted' END AS outcome "
    f"FROM judged.{'object' if suite == 'inventory' else suite} AS r JOIN source AS s USING (source_no) "
    f"LEFT JOIN judged.rejected AS x ON x.suite = '{suite}' AND r.row_key = x.row_key"
    for suite in SUITES
)
"""A query for every judged data row and what became of it."""


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Nights]:
    nights = Nights(tmp_path / "nights")
    nights.folder.mkdir()
    yield nights
    nights.close()


@pytest.fixture(scope="module")
def module_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    nights = Nights(tmp_path_factory.mktemp("nights"))
    yield nights
    nights.close()


def source_of(source: Source | District | Path) -> Source:
    if isinstance(source, District):
        return source.source()
    return FolderSource(source) if isinstance(source, Path) else source


@pytest.fixture
def two_opd(tmp_path: Path) -> Path:
    """A folder with a district of two OPD, quick to read."""
    books = {"a": penilaian(answer(2025, 1, 3)), "b": penilaian(answer(2025, 2, 2))}
    carriers = [("spbe-2020", 1, "A", None), ("spbe-2020", 2, "B", None)]
    return District(opd=FOUR_OPD[:2], carriers=carriers, books=books).write_csv(tmp_path / "two-opd")


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    """A Prefect server for flow runs of this process, which sends nothing home.

    Flows send it no heartbeats, since each would wait for its last; where its SQLite is busy they soon ask again.
    """
    quiet_dependencies()
    from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
    from prefect.testing.utilities import prefect_test_harness

    with (
        pytest.MonkeyPatch.context() as patch,
        temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None, PREFECT_CLIENT_MAX_RETRIES: 100}),
        prefect_test_harness(server_startup_timeout=120),
    ):
        patch.setattr("prefect.client.base.clamped_poisson_interval", lambda *_: 0.1)
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium for pages from disk; how to check one: browser.check_page."""
    with TemporaryDirectory(prefix="spbe-chromium-", ignore_cleanup_errors=True) as profile:
        opened = Browser(Path(profile))
        yield opened
        opened.close()
