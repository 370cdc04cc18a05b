"""New spreadsheets for the OPD of a register that have none: made from the templates, on a shared drive.

Each carries its register's id and its OPD's code, so that a run that was cut off finds what it made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from spbe_etl.cells import Cell, read_code, read_text, spellings
from spbe_etl.cells import loosen as loose
from spbe_etl.errors import ConfigurationError, SourceError
from spbe_etl.google.client import Google
from spbe_etl.google.grid import FIELDS, read_spreadsheet
from spbe_etl.google.problems import GoogleRefusedError, problem_text
from spbe_etl.google.transport import Json
from spbe_etl.instruments import Instrument
from spbe_etl.marks import ANSWERS
from spbe_etl.progress import listener
from spbe_etl.references import spreadsheet_id
from spbe_etl.runs import Failure
from spbe_etl.templates import opd_workbook
from spbe_etl.workbooks import Worksheet, contract_worksheets, find_header

SHEETS_TYPE = "application/vnd.google-apps.spreadsheet"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NO_STORAGE = "storageQuotaExceeded"
WARNING = "Judul kolom: mohon tidak diubah"
ADDRESS = "https://docs.google.com/spreadsheets/d/{}/edit"


@dataclass(frozen=True)
class Seat:
    """An active OPD of the register without a spreadsheet (a file's name is none), and the row for its address."""

    opd_code: str
    opd_name: str
    row_no: int


@dataclass(frozen=True)
class Created:
    """OPD -> address of its new spreadsheet, and what couldn't be made."""

    addresses: Mapping[str, str]
    failed: tuple[Failure, ...]


def create_spreadsheets(google: Google, register_id: str, folder_id: str, instrument: Instrument, year: int) -> Created:
    """Make what's missing and fill in the register's `Spreadsheet` column; raises SourceError for the register."""
    answer = google.spreadsheet(register_id, FIELDS)
    worksheet = contract_worksheets(read_spreadsheet(register_id, answer), "register")["OPD"]
    header = find_header(register_id, "OPD", worksheet)
    if header is None:
        raise ConfigurationError(f"{register_id}: the worksheet OPD holds nothing yet. Fill in the OPD first.")
    made = _made_before(google, register_id, folder_id)
    addresses: dict[str, str] = {}
    rows: dict[int, str] = {}
    failed: list[Failure] = []
    for seat in _seats(worksheet, header.columns, header.last_row_no):
        listener.get()(f"create {seat.opd_code}")
        try:
            file_id = made.get(seat.opd_code) or _create(google, register_id, folder_id, instrument, year, seat)
            _protect_header(google, file_id)
        except SourceError as error:
            failed.append(Failure(None, seat.opd_code, "", str(error)))
        else:
            addresses[seat.opd_code] = rows[seat.row_no] = ADDRESS.format(file_id)
    if rows:
        sheet = next(one for one in answer["sheets"] if one["properties"]["title"] == worksheet.title)
        google.change(
            register_id, [*_filled(sheet["properties"].get("sheetId", 0), header.columns["spreadsheet"], rows)]
        )
    return Created(addresses, tuple(failed))


def _seats(worksheet: Worksheet, columns: Mapping[str, int], last_header_row_no: int) -> Iterator[Seat]:
    fields = {col_no: field for field, col_no in columns.items()}
    rows: dict[int, dict[str, Cell]] = {}
    for cell in worksheet.cells:
        if cell.row_no > last_header_row_no and cell.col_no in fields:
            field = fields[cell.col_no]
            text = cell.link if field == "spreadsheet" and "docs.google.com/" in cell.link else cell.text
            rows.setdefault(cell.row_no, {})[field] = Cell(cell.kind, text)
    blank = Cell("text", "")
    seen: set[str] = set()
    for row_no, row in sorted(rows.items()):
        opd_code = read_code(row.get("opd_code", blank)).value
        if opd_code.upper() in seen:
            continue  # the first row of a code counts
        seen.add(opd_code.upper())
        is_active = spellings("yes_no").get(loose(row.get("active", blank).text), "yes") == "yes"
        if opd_code and is_active and spreadsheet_id(row.get("spreadsheet", blank).text) is None:
            yield Seat(opd_code, read_text(row.get("opd_name", blank)).value, row_no)


def _made_before(google: Google, register_id: str, folder_id: str) -> dict[str, str]:
    """OPD code -> spreadsheet that an earlier run made for this register."""
    query = (
        f"'{folder_id}' in parents and trashed = false "
        f"and appProperties has {{ key='spbe_register' and value='{register_id}' }}"
    )
    files = google.files(query, "id,appProperties")
    return {one["appProperties"]["spbe_opd"]: one["id"] for one in files if "spbe_opd" in one.get("appProperties", {})}


def _create(google: Google, register_id: str, folder_id: str, instrument: Instrument, year: int, seat: Seat) -> str:
    about: Json = {
        "name": f"SPBE {year} {seat.opd_name or seat.opd_code}",
        "mimeType": SHEETS_TYPE,
        "parents": [folder_id],
        "appProperties": {"spbe_register": register_id, "spbe_opd": seat.opd_code},
    }
    content = opd_workbook(instrument, year, seat.opd_name)
    try:
        return str(google.upload(seat.opd_code, about, content, XLSX_TYPE)["id"])
    except GoogleRefusedError as error:
        if error.status not in ("403", "404") or error.reason == NO_STORAGE:
            raise
        text = problem_text(seat.opd_code, "folder", account=google.account.email, detail=folder_id)
        raise GoogleRefusedError(text, "folder") from None


def _protect_header(google: Google, file_id: str) -> None:
    """A warning for whoever changes the header of the answers: a lost header fails the workbook."""
    answer = google.spreadsheet(file_id, "sheets(properties(sheetId,title),protectedRanges(description))")
    sheet = next(one for one in answer["sheets"] if one["properties"]["title"] == ANSWERS)
    if any(one.get("description") == WARNING for one in sheet.get("protectedRanges", ())):
        return
    area = {"sheetId": sheet["properties"].get("sheetId", 0), "startRowIndex": 0, "endRowIndex": 1}
    about = {"range": area, "description": WARNING, "warningOnly": True}
    google.change(file_id, [{"addProtectedRange": {"protectedRange": about}}])


def _filled(sheet_id: int, col_no: int, addresses: Mapping[int, str]) -> Iterator[Json]:
    for row_no, address in addresses.items():
        start = {"sheetId": sheet_id, "rowIndex": row_no - 1, "columnIndex": col_no - 1}
        rows = [{"values": [{"userEnteredValue": {"stringValue": address}}]}]
        yield {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}
