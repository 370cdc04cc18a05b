"""Google Sheets v4: reading a spreadsheet, and changing it in one step."""

from __future__ import annotations

import re
from typing import Any

from openpyxl.utils.cell import column_index_from_string

from . import batch
from .drive import Drive
from .errors import bad_request, no_entity, no_permission, office_file
from .files import File
from .grid import Sheet, size
from .masks import apply, asks
from .protection import seen_by
from .request import Request

ALL_FILES = frozenset(
    f"https://www.googleapis.com/auth/{name}"
    for name in ("drive", "drive.readonly", "spreadsheets", "spreadsheets.readonly")
)
_RANGE = re.compile(r"(?:(?P<quoted>'(?:[^']|'')+')!?|(?P<plain>[^'!]+)!|)(?P<cells>[A-Za-z]*\d*(?::[A-Za-z]*\d*)?)?")


class SheetsApi:
    """Answers requests that have a valid token with the right scope."""

    def __init__(self, drive: Drive) -> None:
        self.drive = drive

    def get(self, request: Request) -> dict[str, Any]:
        """Grid data only when the mask asks for it, or includeGridData does where there's no mask."""
        with self.drive.lock:
            self._allowed(request, writing=False)
            book = self.drive.spreadsheet(request.path_id)
            mask = request.mask()
            ranges = request.query.get("ranges", [])
            with_grid = request.flag("includeGridData") if mask is None else asks(mask, "sheets", "data")
            found = _selected(book, ranges, with_grid)
            found = {**found, "sheets": [seen_by(sheet, request.grant.email) for sheet in found["sheets"]]}
            return found if mask is None else apply(mask, found)

    def batch_update(self, request: Request) -> dict[str, Any]:
        """All requests or none."""
        message = request.message()
        with self.drive.lock:
            file = self._allowed(request, writing=True)
            changed, replies = batch.apply(
                self.drive.spreadsheet(file.id), message.get("requests", []), request.grant.email
            )
            file.book = changed
            file.name = changed["properties"]["title"]
            self.drive.touch(file.id, request.grant.email)
            answer: dict[str, Any] = {"spreadsheetId": file.id, "replies": replies}
            if message.get("includeSpreadsheetInResponse"):
                with_grid = bool(message.get("responseIncludeGridData"))
                answer["updatedSpreadsheet"] = _selected(changed, message.get("responseRanges", []), with_grid)
            mask = request.mask()
            return answer if mask is None else apply(mask, answer)

    def _allowed(self, request: Request, *, writing: bool) -> File:
        """The file, for those who may; Sheets tells a file that's closed from one that isn't there."""
        file = self.drive.find(request.path_id)
        email = request.grant.email
        if file is None or (not request.grant.scopes & ALL_FILES and not file.made_by_app):
            raise no_entity()
        if not (self.drive.can_write(file, email) if writing else self.drive.can_read(file, email)):
            raise no_permission()
        if not file.is_spreadsheet:
            raise office_file() if "officedocument" in file.mime else no_entity()
        return file


def _selected(book: dict[str, Any], ranges: list[str], with_grid: bool) -> dict[str, Any]:
    """The spreadsheet with the asked sheets and, if wanted, the asked parts of their grids."""
    if not ranges:
        if with_grid:
            return book
        return {**book, "sheets": [_without(sheet, "data") for sheet in book["sheets"]]}
    parts: dict[int, list[dict[str, Any]]] = {}
    for text in ranges:
        sheet, area = _range(book, text)
        parts.setdefault(sheet["properties"]["sheetId"], []).append(_part(sheet, *area))
    sheets = []
    for sheet in book["sheets"]:
        if (sheet_id := sheet["properties"]["sheetId"]) in parts:
            sheets.append({**_without(sheet, "data"), **({"data": parts[sheet_id]} if with_grid else {})})
    return {**book, "sheets": sheets}


def _without(sheet: Sheet, name: str) -> Sheet:
    return {key: value for key, value in sheet.items() if key != name}


def _range(book: dict[str, Any], text: str) -> tuple[Sheet, tuple[int, int, int, int]]:
    """A range in A1 notation; a title alone is the whole sheet."""
    titles = {sheet["properties"]["title"]: sheet for sheet in book["sheets"]}
    if text in titles:
        sheet = titles[text]
        rows, columns = size(sheet)
        return sheet, (0, rows, 0, columns)
    found = _RANGE.fullmatch(text)
    title = ((found["quoted"] or "")[1:-1].replace("''", "'") or found["plain"]) if found else None
    sheet = titles.get(title) if title else book["sheets"][0]
    if found is None or sheet is None:
        raise bad_request(f"Unable to parse range: {text}")
    rows, columns = size(sheet)
    first, _, last = (found["cells"] or "").partition(":")
    top, left = _corner(first, text)
    bottom, right = _corner(last, text) if last or not first else (top, left)
    top, left = top or 1, left or 1
    bottom, right = bottom or rows, right or columns
    if top > rows or left > columns or bottom < top or right < left:
        raise bad_request(f"Range ({text}) exceeds grid limits. Max rows: {rows}, max columns: {columns}")
    return sheet, (top - 1, min(bottom, rows), left - 1, min(right, columns))


def _corner(text: str, whole: str) -> tuple[int | None, int | None]:
    found = re.fullmatch(r"([A-Za-z]*)(\d*)", text)
    if found is None:
        raise bad_request(f"Unable to parse range: {whole}")
    row = int(found[2]) if found[2] else None
    return row, column_index_from_string(found[1].upper()) if found[1] else None


def _part(sheet: Sheet, top: int, bottom: int, left: int, right: int) -> dict[str, Any]:
    """GridData of a rectangle; starts that are 0 are left out, as Google does."""
    data = sheet["data"][0]
    rows = [
        {"values": values} if (values := row.get("values", [])[left:right]) else {}
        for row in data.get("rowData", [])[top:bottom]
    ]
    part: dict[str, Any] = {"startRow": top} if top else {}
    part |= {"startColumn": left} if left else {}
    part |= {"rowData": rows} if rows else {}
    metadata = {"rowMetadata": data["rowMetadata"][top:bottom], "columnMetadata": data["columnMetadata"][left:right]}
    return part | metadata
