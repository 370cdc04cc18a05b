"""A spreadsheet as Google tells it (`spreadsheets.get` with grid data) as a workbook.

One answer brings all worksheets with values, types, formats, merges and links. An answer that lacks what was
asked for is a failure, never an empty worksheet.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from spbe_etl.google.problems import GoogleRefusedError, GoogleUnreachableError, problem_text
from spbe_etl.google.transport import Json
from spbe_etl.values import LOADING, MOST_CELLS, MOST_MERGED_CELLS, link_text, moment_text, number_text, time_text
from spbe_etl.workbooks import RawCell, Workbook, Worksheet, a1

FIELDS = (
    "spreadsheetId,sheets(properties(sheetId,title,sheetType,hidden,gridProperties(rowCount,columnCount)),"
    "merges,data(startRow,startColumn,rowData(values(effectiveValue,formattedValue,effectiveFormat(numberFormat),"
    "userEnteredFormat(numberFormat),hyperlink,textFormatRuns(format(link)),chipRuns(chip(richLinkProperties(uri)))))))"
)
MOST_ROWS = 10_000_000
"""As many as Google lets a spreadsheet have cells."""
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet's days have no zone
_MOMENTS = frozenset({"DATE", "DATE_TIME", "TIME"})
_ERRORS = {
    "NULL_VALUE": "#NULL!", "DIVIDE_BY_ZERO": "#DIV/0!", "VALUE": "#VALUE!", "REF": "#REF!", "NAME": "#NAME?",
    "NUM": "#NUM!", "N_A": "#N/A",
}  # fmt: skip


def read_spreadsheet(spreadsheet_id: str, answer: Json) -> Workbook:
    """The spreadsheet's worksheets in their order, hidden ones too; raises SourceError unless the answer is whole."""
    if answer.get("spreadsheetId", spreadsheet_id) != spreadsheet_id or not answer.get("sheets"):
        raise _incomplete(spreadsheet_id, "tanpa lembar")
    try:
        grids = [sheet for sheet in answer["sheets"] if sheet["properties"].get("sheetType", "GRID") == "GRID"]
        worksheets = tuple(_worksheet(spreadsheet_id, sheet) for sheet in grids)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise _incomplete(spreadsheet_id, type(error).__name__) from error
    return Workbook(spreadsheet_id, worksheets)


def _incomplete(spreadsheet_id: str, detail: str) -> GoogleUnreachableError:
    return GoogleUnreachableError(problem_text(spreadsheet_id, "incomplete", detail=detail))


def _worksheet(spreadsheet_id: str, sheet: Json) -> Worksheet:
    title = str(sheet["properties"]["title"])
    if not sheet.get("data"):
        raise _incomplete(spreadsheet_id, f"lembar {title} tanpa isi")
    covered = _covered(spreadsheet_id, title, sheet)
    found: dict[tuple[int, int], RawCell] = {}
    for row_no, col_no, cell in places(sheet):
        if (row_no, col_no) in covered or (content := _content(cell)) is None:
            continue
        found[row_no, col_no] = RawCell(row_no, col_no, *content, a1(row_no, col_no))
        if len(found) > MOST_CELLS:
            raise _too_large(spreadsheet_id, f"lembar {title}: lebih dari {MOST_CELLS} sel terisi")
    for place, anchor in covered.items():
        if anchor in found:
            found[place] = found[anchor]._replace(row_no=place[0], col_no=place[1])
    return Worksheet(title, tuple(found[place] for place in sorted(found)))


def _too_large(spreadsheet_id: str, detail: str) -> GoogleRefusedError:
    return GoogleRefusedError(problem_text(spreadsheet_id, "too_large", detail=detail), "too_large")


def places(sheet: Json) -> Iterator[tuple[int, int, Json]]:
    """Row and column number and cell, of every cell that the answer holds."""
    for block in sheet["data"]:
        first_row, first_col = block.get("startRow", 0) + 1, block.get("startColumn", 0) + 1
        if not (1 <= first_row <= MOST_ROWS and first_col >= 1):
            raise ValueError("outside of any worksheet")
        for row_no, row in enumerate(block.get("rowData", ()), start=first_row):
            for col_no, cell in enumerate(row.get("values", ()), start=first_col):
                yield row_no, col_no, cell


def _covered(spreadsheet_id: str, title: str, sheet: Json) -> dict[tuple[int, int], tuple[int, int]]:
    """Covered cell -> top left cell of its merge, top left cells aside."""
    size = sheet["properties"].get("gridProperties", {})
    covered: dict[tuple[int, int], tuple[int, int]] = {}
    for area in sheet.get("merges", ()):
        top, left = area.get("startRowIndex", 0), area.get("startColumnIndex", 0)
        bottom = area.get("endRowIndex", size.get("rowCount", 0))
        right = area.get("endColumnIndex", size.get("columnCount", 0))
        if top < 0 or left < 0 or bottom <= top or right <= left:
            raise ValueError("a merge of nothing")
        if len(covered) + (bottom - top) * (right - left) > MOST_MERGED_CELLS:
            raise _too_large(spreadsheet_id, f"lembar {title}: lebih dari {MOST_MERGED_CELLS} sel digabung")
        anchor = (top + 1, left + 1)
        covered |= {(row + 1, col + 1): anchor for row in range(top, bottom) for col in range(left, right)}
        del covered[anchor]
    return covered


def _content(cell: Json) -> tuple[str, str, str] | None:
    """Kind, text and link of a cell, or None if it holds nothing."""
    kind, text = _value(cell)
    link = link_text(text, _links(cell))
    if kind == "blank" and not link:
        return None
    return "text" if kind == "blank" else kind, text, link


def _value(cell: Json) -> tuple[str, str]:
    value = cell.get("effectiveValue", {})
    if "errorValue" in value:
        error = value["errorValue"]
        if error.get("type") == "LOADING":
            return "error", LOADING
        return "error", str(cell.get("formattedValue") or _ERRORS.get(error.get("type"), "#ERROR!"))
    if "boolValue" in value:
        return "boolean", "TRUE" if value["boolValue"] else "FALSE"
    if "numberValue" in value:
        return _number(float(value["numberValue"]), cell)
    text = str(value.get("stringValue", ""))
    return ("text", text) if text else ("blank", "")


def _number(value: float, cell: Json) -> tuple[str, str]:
    """A number, or the day or time that its format says it is."""
    formats = (cell.get(name, {}).get("numberFormat") for name in ("effectiveFormat", "userEnteredFormat"))
    form: Json = next(filter(None, formats), {})
    if form.get("type") not in _MOMENTS:
        return "number", number_text(value, str(form.get("pattern", "")))
    try:
        moment = EPOCH + timedelta(days=value)
    except (OverflowError, ValueError):
        return "error", _ERRORS["VALUE"]  # as a file says of a day beyond the calendar
    return "date", time_text(moment.time()) if form["type"] == "TIME" else moment_text(moment)


def _links(cell: Json) -> Iterator[str]:
    """Where a cell leads, or its words and chips."""
    yield cell.get("hyperlink", "")
    for run in cell.get("textFormatRuns", ()):
        yield run.get("format", {}).get("link", {}).get("uri", "")
    for run in cell.get("chipRuns", ()):
        yield run.get("chip", {}).get("richLinkProperties", {}).get("uri", "")
