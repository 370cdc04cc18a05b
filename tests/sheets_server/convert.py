"""An .xlsx file as Google's Spreadsheet resource, as Drive converts one that's uploaded."""

from __future__ import annotations

import io
from hashlib import sha256
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell as XlsxCell
from openpyxl.cell.cell import MergedCell
from openpyxl.utils import column_index_from_string, range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from .cells import Cell, error_value, refresh, value_of
from .formats import number_format
from .grid import COLUMN, ROW, Sheet, trim

ROWS, COLUMNS = 1000, 26
"""A new sheet's size; a converted one is never smaller."""


def spreadsheet(content: bytes, file_id: str, title: str) -> dict[str, Any]:
    """The whole resource, grids included."""
    formulas = load_workbook(io.BytesIO(content), data_only=False)
    held = (cell for sheet in formulas.worksheets for row in sheet.iter_rows() for cell in row)
    has_formula = any(cell.data_type == "f" for cell in held)
    results = load_workbook(io.BytesIO(content), data_only=True) if has_formula else None
    sheets = [_sheet(sheet, index, file_id, results) for index, sheet in enumerate(formulas.worksheets)]
    return resource(file_id, title, sheets)


def resource(file_id: str, title: str, sheets: list[Sheet]) -> dict[str, Any]:
    """The frame around the sheets."""
    return {
        "spreadsheetId": file_id,
        "properties": {
            "title": title,
            "locale": "in_ID",
            "autoRecalc": "ON_CHANGE",
            "timeZone": "Asia/Makassar",
            "defaultFormat": {"verticalAlignment": "BOTTOM", "wrapStrategy": "OVERFLOW_CELL"},
        },
        "sheets": sheets,
        "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{file_id}/edit",
    }


def blank_sheet(sheet_id: int, title: str, index: int, rows: int = ROWS, columns: int = COLUMNS) -> Sheet:
    """A sheet as `addSheet` makes it."""
    return {
        "properties": {
            "sheetId": sheet_id,
            "title": title,
            "index": index,
            "sheetType": "GRID",
            "gridProperties": {"rowCount": rows, "columnCount": columns},
        },
        "data": [{"rowMetadata": [ROW] * rows, "columnMetadata": [COLUMN] * columns}],
    }


def sheet_id_of(file_id: str, title: str, index: int) -> int:
    """0 for a file's first sheet, as in a new spreadsheet; the others look random."""
    return int(sha256(f"{file_id}/{title}".encode()).hexdigest()[:7], 16) if index else 0


def _sheet(source: Worksheet, index: int, file_id: str, results: Workbook | None) -> Sheet:
    sheet_id = sheet_id_of(file_id, source.title, index)
    rows, columns = max(ROWS, source.max_row), max(COLUMNS, source.max_column)
    sheet = blank_sheet(sheet_id, source.title, index, rows, columns)
    if source.sheet_state != "visible":
        sheet["properties"]["hidden"] = True
    _freeze(source, sheet["properties"]["gridProperties"])
    data = sheet["data"][0]
    validations = _validations(source, rows, columns)
    values = results[source.title] if results else source
    height = max([source.max_row, *(row for row, _ in validations)])
    width = max([source.max_column, *(column for _, column in validations)])
    row_data = [
        {
            "values": [
                _cell(source, values, row, column, validations.get((row, column))) for column in range(1, width + 1)
            ]
        }
        for row in range(1, height + 1)
    ]
    if row_data := trim(row_data):
        data["rowData"] = row_data
    _hide(source, data, rows, columns)
    if merges := _merges(source, sheet_id):
        sheet["merges"] = merges
    return sheet


def _cell(source: Worksheet, values: Worksheet, row: int, column: int, validation: dict[str, Any] | None) -> Cell:
    found = source._cells.get((row, column))
    if found is None or isinstance(found, MergedCell):
        return {"dataValidation": validation} if validation else {}
    cell: Cell = {"dataValidation": validation} if validation else {}
    entered, result = _entered(found, values)
    if entered:
        cell["userEnteredValue"] = entered
    if form := number_format(found.number_format):
        cell["userEnteredFormat"] = {"numberFormat": form}
    if link := _link(found):
        cell["userEnteredFormat"] = {**cell.get("userEnteredFormat", {}), "textFormat": {"link": {"uri": link}}}
    if found.comment is not None:
        cell["note"] = found.comment.text
    return refresh(cell, result) if cell else cell


def _entered(found: XlsxCell, values: Worksheet) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """What was entered, and a formula's result as the file remembers it."""
    if found.data_type == "e":
        return {"formulaValue": f"={found.value}"}, error_value(str(found.value))
    if found.data_type == "f":
        formula = getattr(found.value, "text", found.value)
        cached = values.cell(found.row, found.column)
        if cached.data_type == "e":
            return {"formulaValue": formula}, error_value(str(cached.value))
        result = {"stringValue": cached.value} if isinstance(cached.value, str) else value_of(cached.value)
        return {"formulaValue": formula}, result
    if isinstance(found.value, str):
        return ({"stringValue": found.value} if found.value else None), None
    return value_of(found.value), None


def _link(found: XlsxCell) -> str | None:
    if found.hyperlink is None:
        return None
    if found.hyperlink.target:
        return str(found.hyperlink.target)
    return f"#{found.hyperlink.location}" if found.hyperlink.location else None


def _freeze(source: Worksheet, properties: dict[str, Any]) -> None:
    if not source.freeze_panes:
        return
    column, row, _, _ = range_boundaries(source.freeze_panes)
    if row and row > 1:
        properties["frozenRowCount"] = row - 1
    if column and column > 1:
        properties["frozenColumnCount"] = column - 1


def _hide(source: Worksheet, data: dict[str, Any], rows: int, columns: int) -> None:
    for row, dimension in source.row_dimensions.items():
        if dimension.hidden and row <= rows:
            data["rowMetadata"][row - 1] = {"hiddenByUser": True, **ROW}
    for letter, width in source.column_dimensions.items():
        if width.hidden:
            first = width.min or column_index_from_string(letter)
            for column in range(first, min(width.max or first, columns) + 1):
                data["columnMetadata"][column - 1] = {"hiddenByUser": True, **COLUMN}


def _merges(source: Worksheet, sheet_id: int) -> list[dict[str, int]]:
    """Half open; Google leaves out a sheetId of 0."""
    of_sheet = {"sheetId": sheet_id} if sheet_id else {}
    return [
        {
            **of_sheet,
            "startRowIndex": one.min_row - 1,
            "endRowIndex": one.max_row,
            "startColumnIndex": one.min_col - 1,
            "endColumnIndex": one.max_col,
        }
        for one in source.merged_cells.ranges
    ]


def _validations(source: Worksheet, rows: int, columns: int) -> dict[tuple[int, int], dict[str, Any]]:
    """Lists to choose from, by row and column; what reaches beyond the grid is cut off."""
    found: dict[tuple[int, int], dict[str, Any]] = {}
    for validation in source.data_validations.dataValidation:
        if validation.type != "list" or not validation.formula1:
            continue
        formula = validation.formula1
        if formula.startswith('"'):
            kind, offered = "ONE_OF_LIST", [one.strip() for one in formula.strip('"').split(",")]
        else:
            kind, offered = "ONE_OF_RANGE", [f"={formula.removeprefix('=')}"]
        rule: dict[str, Any] = {
            "condition": {"type": kind, "values": [{"userEnteredValue": one} for one in offered]},
            "showCustomUi": not validation.showDropDown,
        }
        if validation.errorStyle in (None, "stop"):
            rule["strict"] = True
        if validation.prompt:
            rule["inputMessage"] = validation.prompt
        for area in validation.sqref.ranges:
            for row in range(area.min_row, min(area.max_row, rows) + 1):
                for column in range(area.min_col, min(area.max_col, columns) + 1):
                    found[row, column] = rule
    return found
