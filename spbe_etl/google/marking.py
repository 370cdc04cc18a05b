"""Writing our marks into a spreadsheet: one read, one change of everything, nothing that isn't ours.

Cells are given as text, which Sheets keeps as it is and never runs. The column and the worksheet are ours by
their headings (`marks.py`), so an OPD may move them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tenacity import Retrying, retry_if_exception, stop_after_attempt

from spbe_etl.google.client import Google
from spbe_etl.google.grid import FIELDS, read_spreadsheet
from spbe_etl.google.problems import GoogleRefusedError, GoogleUnreachableError, problem_text
from spbe_etl.google.transport import Json
from spbe_etl.marks import ANSWERS, HEAD_ROWS, Marks, is_summary, split_marks, status_column, trimmed, words
from spbe_etl.workbooks import Worksheet, find_header

SUMMARY_COLUMNS = 8
SPARE_ROWS = 50
STATUS_WIDTH, SUMMARY_WIDTHS = 320, (110, 110, 300, 400, 130, 130, 130, 130)
FORMAT = "userEnteredFormat(backgroundColor,textFormat(bold),wrapStrategy,verticalAlignment)"
CELL_FIELDS = f"userEnteredValue,{FORMAT}"
WHITE, HEAD = (1.0, 1.0, 1.0), (0.87, 0.92, 0.97)
SHADES = {
    "accepted": (0.88, 0.95, 0.88),
    "noted": (1.0, 0.95, 0.8),
    "rejected": (0.98, 0.87, 0.84),
    "missing": (0.93, 0.93, 0.93),
}
ATTEMPTS = 3


class SpreadsheetMarks:
    """Marks in Google spreadsheets, written by an account that may change them."""

    def __init__(self, google: Google) -> None:
        self._google = google

    @property
    def email(self) -> str:
        """The account that spreadsheets have to be shared with."""
        return self._google.account.email

    @property
    def calls(self) -> int:
        """Requests sent so far, retries included."""
        return self._google.calls

    def write(self, workbook: str, content_hash: str, marks: Marks, since: str) -> bool:
        """Make a spreadsheet say this; False when it did already.

        A change of which nobody knows whether it was made is looked at again, not sent again.
        """
        tries = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, GoogleUnreachableError) and error.may_be_done),
            stop=stop_after_attempt(ATTEMPTS),
            reraise=True,
        )
        is_new = tries(self._write_once, workbook, content_hash, marks, since)
        return is_new or tries.statistics["attempt_number"] > 1

    def _write_once(self, workbook: str, content_hash: str, marks: Marks, since: str) -> bool:
        answer = self._google.spreadsheet(workbook, FIELDS)
        changes = changes_for(workbook, answer, content_hash, marks, since)
        if changes:
            self._google.change(workbook, changes)
        return bool(changes)


def changes_for(workbook_id: str, answer: Json, content_hash: str, marks: Marks, since: str) -> list[Json]:
    """The requests that make a spreadsheet say `marks`; none when it does. Raises SourceError."""
    workbook = read_spreadsheet(workbook_id, answer)
    theirs, found = split_marks(workbook)
    changes: list[Json] = []
    answers = next((sheet for sheet in theirs.worksheets if sheet.content_hash == content_hash), None)
    if answers is not None and found.statuses_hash != marks.statuses_hash:
        whole = next(sheet for sheet in workbook.worksheets if sheet.title == answers.title)
        changes += _status_changes(workbook_id, _properties(answer, whole.title), whole, answers, found, marks)
    if found.summary_hash != marks.summary_hash:
        changes += _summary_changes(workbook_id, answer, workbook.worksheets, marks, since)
    return changes


def _properties(answer: Json, title: str) -> Json:
    """Id and size of a worksheet."""
    found = next(sheet for sheet in answer["sheets"] if sheet["properties"]["title"] == title)
    properties: Json = found["properties"]
    return {
        **properties,
        "mergedTo": max((area.get("endColumnIndex", 0) for area in found.get("merges", ())), default=0),
    }


def _status_changes(
    workbook_id: str, properties: Json, whole: Worksheet, theirs: Worksheet, found: Marks, marks: Marks
) -> list[Json]:
    """Our column: where it is, or right of everything that's there."""
    sheet_id = properties.get("sheetId", 0)
    place = status_column(whole)
    changes: list[Json] = []
    if place is None:
        header = find_header(workbook_id, ANSWERS, theirs)
        if header is None:
            return []
        col_no = max([properties["mergedTo"], *(cell.col_no for cell in whole.cells)]) + 1
        place = (header.row_no, col_no)
        changes += _new_column(sheet_id, properties, col_no)
    row_no, col_no = place
    last_row_no = max([row_no, *found.statuses, *marks.statuses])
    texts = [words()["status_header"], *(marks.statuses.get(no, "") for no in range(row_no + 1, last_row_no + 1))]
    rows = [{"values": [_cell(text, HEAD if no == 0 else _shade(text), bold=no == 0)]} for no, text in enumerate(texts)]
    start = {"sheetId": sheet_id, "rowIndex": row_no - 1, "columnIndex": col_no - 1}
    return [*changes, {"updateCells": {"start": start, "rows": rows, "fields": CELL_FIELDS}}]


def _new_column(sheet_id: int, properties: Json, col_no: int) -> list[Json]:
    """Room for our column, wide enough, with a warning for whoever would change it."""
    width = properties.get("gridProperties", {}).get("columnCount", col_no)
    changes: list[Json] = []
    if col_no > width:
        changes.append({"appendDimension": {"sheetId": sheet_id, "dimension": "COLUMNS", "length": col_no - width}})
    return [
        *changes,
        _width(sheet_id, col_no - 1, STATUS_WIDTH),
        _warning({"sheetId": sheet_id, "startColumnIndex": col_no - 1, "endColumnIndex": col_no}),
    ]


def _summary_changes(
    workbook_id: str, answer: Json, worksheets: Sequence[Worksheet], marks: Marks, since: str
) -> list[Json]:
    """Our worksheet: made if it isn't there, and written whole."""
    title = words()["summary_worksheet"]
    head = [[words()["heading"]], [words()["since"], since]]
    lines = trimmed([*head, *marks.summary])
    ours = next((sheet for sheet in worksheets if is_summary(sheet)), None)
    if ours is None and any(sheet["properties"]["title"].casefold() == title.casefold() for sheet in answer["sheets"]):
        raise GoogleRefusedError(problem_text(workbook_id, "title_taken", detail=title), "title_taken")
    changes: list[Json] = []
    if ours is None:
        taken = {sheet["properties"].get("sheetId", 0) for sheet in answer["sheets"]}
        sheet_id = next(number for number in range(1_905_000_001, 1_905_001_001) if number not in taken)
        size = {"rowCount": len(lines) + SPARE_ROWS, "columnCount": SUMMARY_COLUMNS, "frozenRowCount": HEAD_ROWS}
        new = {"sheetId": sheet_id, "title": title, "gridProperties": size}
        changes += [{"addSheet": {"properties": new}}, _warning({"sheetId": sheet_id})]
        changes += [_width(sheet_id, no, width) for no, width in enumerate(SUMMARY_WIDTHS)]
    else:
        properties = _properties(answer, ours.title)
        sheet_id, size = properties.get("sheetId", 0), properties.get("gridProperties", {})
        if (lacking := len(lines) - size.get("rowCount", len(lines))) > 0:
            more = {"sheetId": sheet_id, "dimension": "ROWS", "length": lacking + SPARE_ROWS}
            changes.append({"appendDimension": more})
            size = {**size, "rowCount": len(lines)}
    area = {"sheetId": sheet_id, "startRowIndex": 0, "endRowIndex": size.get("rowCount", len(lines)),
            "startColumnIndex": 0, "endColumnIndex": SUMMARY_COLUMNS}  # fmt: skip
    rows = [{"values": [_cell(text, WHITE, bold=_is_heading(line)) for text in line]} for line in lines]
    return [*changes, {"updateCells": {"range": area, "rows": rows, "fields": CELL_FIELDS}}]


def _is_heading(line: Iterable[str]) -> bool:
    """A line of nothing but our own words: a title or a table's header."""
    return all(text in set(words().values()) for text in line)


def _shade(text: str) -> tuple[float, float, float]:
    """The colour of a status, by the words that it begins with. The words say it all, colour helps to find them."""
    starts = {name: words()[name].partition("{")[0].strip() for name in SHADES}
    return next((SHADES[name] for name, start in starts.items() if text.startswith(start)), WHITE)


def _cell(text: str, shade: tuple[float, float, float], *, bold: bool) -> Json:
    colour = dict(zip(("red", "green", "blue"), shade, strict=True))
    form = {"backgroundColor": colour, "textFormat": {"bold": bold}, "wrapStrategy": "WRAP", "verticalAlignment": "TOP"}
    return {"userEnteredFormat": form, **({"userEnteredValue": {"stringValue": text}} if text else {})}


def _width(sheet_id: int, index: int, pixels: int) -> Json:
    area = {"sheetId": sheet_id, "dimension": "COLUMNS", "startIndex": index, "endIndex": index + 1}
    return {"updateDimensionProperties": {"range": area, "properties": {"pixelSize": pixels}, "fields": "pixelSize"}}


def _warning(area: Json) -> Json:
    about = {"range": area, "description": words()["heading"], "warningOnly": True}
    return {"addProtectedRange": {"protectedRange": about}}
