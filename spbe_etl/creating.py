"""New spreadsheets for the OPD of a register that have none: made from the templates, on a shared drive.

Each carries its register's id and its OPD's code, so that a run that was cut off finds what it made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from spbe_etl.errors import SourceError
from spbe_etl.google.client import Google
from spbe_etl.google.grid import FIELDS, read_spreadsheet
from spbe_etl.google.problems import GoogleRefusedError, GoogleUnreachableError, problem_text
from spbe_etl.google.transport import Json
from spbe_etl.instruments import Instrument
from spbe_etl.marks import ANSWERS
from spbe_etl.progress import listener
from spbe_etl.references import address_of, spreadsheet_id
from spbe_etl.registers import OpdRow, opd_rows
from spbe_etl.runs import Failure
from spbe_etl.templates import opd_workbook
from spbe_etl.workbooks import Workbook, contract_worksheets, find_header

SHEETS_TYPE = "application/vnd.google-apps.spreadsheet"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NO_STORAGE = "storageQuotaExceeded"
WARNING = "Judul kolom: mohon tidak diubah"


@dataclass(frozen=True)
class Created:
    """OPD -> address of its new spreadsheet, and what couldn't be made."""

    addresses: Mapping[str, str]
    failed: tuple[Failure, ...]


def create_spreadsheets(google: Google, register_id: str, folder_id: str, instrument: Instrument, year: int) -> Created:
    """Make what's missing and fill in the register's `Spreadsheet` column; raises SourceError for the register."""
    register = read_spreadsheet(register_id, google.spreadsheet(register_id, FIELDS))
    made = _made_before(google, register_id, folder_id)
    addresses: dict[str, str] = {}
    failed: list[Failure] = []
    for row in _without(register):
        listener.get()(f"create {row.opd_code}")
        try:
            file_id = made.get(row.opd_code) or _create(google, register_id, folder_id, instrument, year, row)
            _protect_header(google, file_id)
        except SourceError as error:
            failed.append(Failure(None, row.opd_code, "", str(error)))
        else:
            addresses[row.opd_code] = address_of(file_id)
    if addresses:
        _fill_in(google, register_id, addresses)
    return Created(addresses, tuple(failed))


def _without(register: Workbook) -> list[OpdRow]:
    """Active OPD that have no spreadsheet yet; the name of a file is none."""
    return [row for row in opd_rows(register) if row.is_active and spreadsheet_id(row.reference) is None]


def _fill_in(google: Google, register_id: str, addresses: Mapping[str, str]) -> None:
    """Write addresses beside their OPD as the register stands now: making them took minutes, and rows move."""
    answer = google.spreadsheet(register_id, FIELDS)
    register = read_spreadsheet(register_id, answer)
    worksheet = contract_worksheets(register, "register")["OPD"]
    header = find_header(register_id, "OPD", worksheet)
    sheet = next(one for one in answer["sheets"] if one["properties"]["title"] == worksheet.title)
    rows = {row.row_no: addresses[row.opd_code] for row in _without(register) if row.opd_code in addresses}
    if header is not None and rows:
        column = header.columns["spreadsheet"]
        google.change(register_id, list(_filled(sheet["properties"].get("sheetId", 0), column, rows)))


def _made_before(google: Google, register_id: str, folder_id: str) -> dict[str, str]:
    """OPD code -> spreadsheet that an earlier run made for this register."""
    query = (
        f"'{folder_id}' in parents and trashed = false "
        f"and appProperties has {{ key='spbe_register' and value='{register_id}' }}"
    )
    files = google.files(query, "id,appProperties", is_whole=True)
    return {one["appProperties"]["spbe_opd"]: one["id"] for one in files if "spbe_opd" in one.get("appProperties", {})}


def _create(google: Google, register_id: str, folder_id: str, instrument: Instrument, year: int, row: OpdRow) -> str:
    about: Json = {
        "name": f"Penilaian {year} {row.opd_name or row.opd_code}",
        "mimeType": SHEETS_TYPE,
        "parents": [folder_id],
        "appProperties": {"spbe_register": register_id, "spbe_opd": row.opd_code},
    }
    content = opd_workbook(instrument, year, row.opd_name)
    try:
        file_id = google.upload(row.opd_code, about, content, XLSX_TYPE).get("id")
    except GoogleRefusedError as error:
        if error.status not in ("403", "404") or error.reason == NO_STORAGE:
            raise
        text = problem_text(row.opd_code, "folder", account=google.account.email, detail=folder_id)
        raise GoogleRefusedError(text, "folder") from None
    if not isinstance(file_id, str) or spreadsheet_id(file_id) is None:
        raise GoogleUnreachableError(problem_text(row.opd_code, "incomplete", detail="files.create"))
    return file_id


def _protect_header(google: Google, file_id: str) -> None:
    """A warning for whoever changes the header of the answers: a lost header fails the workbook."""
    answer = google.spreadsheet(file_id, "sheets(properties(sheetId,title),protectedRanges(description))")
    sheets = [one for one in answer.get("sheets", ()) if one.get("properties", {}).get("title") == ANSWERS]
    if not sheets:
        raise GoogleUnreachableError(problem_text(file_id, "incomplete", detail=ANSWERS))
    sheet = sheets[0]
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
