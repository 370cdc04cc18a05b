"""Writing our marks into a spreadsheet: one read, one change of everything, nothing that isn't ours.

Cells are given as text, which Sheets keeps as it is and never runs. The column and the worksheet are ours by
their headings (`marks.py`), so an OPD may move them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tenacity import Retrying, retry_if_exception, stop_after_attempt

from spbe_etl.errors import SourceError
from spbe_etl.google.client import FILES, Google
from spbe_etl.google.grid import FIELDS, places, read_spreadsheet
from spbe_etl.google.problems import GoogleRefusedError, GoogleUnreachableError, problem_text
from spbe_etl.google.transport import Json, object_in
from spbe_etl.marks import ANSWERS, HEAD_ROWS, Marks, is_summary, split_marks, status_column, trimmed, words
from spbe_etl.workbooks import Worksheet, find_header

SUMMARY_COLUMNS = 8
SPARE_ROWS = 50
MOST_COLUMNS = 18_278
STATUS_WIDTH, SUMMARY_WIDTHS = 320, (110, 110, 300, 400, 130, 130, 130, 130)
MARKING_FIELDS = FIELDS.replace("effectiveValue,", "effectiveValue,userEnteredValue,")
"""With what was typed: a formula that gives nothing is a cell of the OPD's all the same."""
FORMAT = "userEnteredFormat(backgroundColor,textFormat(bold),wrapStrategy,verticalAlignment)"
CELL_FIELDS = f"userEnteredValue,{FORMAT}"
WHITE, HEAD = (1.0, 1.0, 1.0), (0.87, 0.92, 0.97)
# in the order in which their words are looked for: the longer beginning first
SHADES = {
    "noted": (1.0, 0.95, 0.8),
    "accepted": (0.88, 0.95, 0.88),
    "rejected": (0.98, 0.87, 0.84),
    "missing": (0.93, 0.93, 0.93),
}
ATTEMPTS = 3
FIRST_ID = 1_905_000_001


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

    def editable(self) -> set[str]:
        """Ids of the spreadsheets that this account may write; raises SourceError."""
        files = self._google.files(FILES, "id,capabilities(canEdit)")
        return {one["id"] for one in files if object_in(one, "capabilities").get("canEdit") is True}

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
        answer = self._google.spreadsheet(workbook, MARKING_FIELDS)
        changes, problem = changes_for(workbook, answer, content_hash, marks, since)
        if changes:
            self._google.change(workbook, changes)
        if problem is not None:
            raise problem
        return bool(changes)


def changes_for(
    workbook_id: str, answer: Json, content_hash: str, marks: Marks, since: str
) -> tuple[list[Json], SourceError | None]:
    """The requests that make a spreadsheet say `marks`, none when it does; and what can't be said there, if any."""
    workbook = read_spreadsheet(workbook_id, answer)
    theirs, found = split_marks(workbook)
    changes: list[Json] = []
    answers = next((sheet for sheet in theirs.worksheets if sheet.content_hash == content_hash), None)
    if answers is not None and found.statuses_hash != marks.statuses_hash:
        whole = next(sheet for sheet in workbook.worksheets if sheet.title == answers.title)
        changes += _status_changes(workbook_id, _sheet(answer, whole.title), whole, found, marks)
    try:
        if found.summary_hash != marks.summary_hash:
            changes += _summary_changes(workbook_id, answer, workbook.worksheets, marks, since)
    except GoogleRefusedError as error:
        return changes, error
    return changes, None


def _sheet(answer: Json, title: str) -> Json:
    """A worksheet as Google tells it."""
    found: Json = next(sheet for sheet in answer["sheets"] if sheet["properties"]["title"] == title)
    return found


def _size(sheet: Json) -> tuple[int, int, int]:
    """Id, number of rows and of columns of a worksheet."""
    properties = sheet["properties"]
    grid = properties.get("gridProperties", {})
    return properties.get("sheetId", 0), grid.get("rowCount", 0), grid.get("columnCount", 0)


def _status_changes(workbook_id: str, sheet: Json, whole: Worksheet, found: Marks, marks: Marks) -> list[Json]:
    """Our column: where it is, or right of everything that's there."""
    sheet_id, row_count, column_count = _size(sheet)
    place = status_column(whole)
    changes: list[Json] = []
    if place is None:
        header = find_header(workbook_id, ANSWERS, whole)
        if header is None:
            return []
        col_no = _last_column(sheet, column_count) + 1
        place = (header.row_no, col_no)
        column = {"sheetId": sheet_id, "startColumnIndex": col_no - 1, "endColumnIndex": col_no}
        changes = [*_room(sheet, row_count, col_no), _width(sheet_id, col_no - 1, STATUS_WIDTH), _warning(column)]
    row_no, col_no = place
    last_row_no = max([row_no, *found.statuses, *marks.statuses])
    texts = [words()["status_header"], *(marks.statuses.get(no, "") for no in range(row_no + 1, last_row_no + 1))]
    rows = [{"values": [_cell(text, HEAD if no == 0 else _shade(text), bold=no == 0)]} for no, text in enumerate(texts)]
    start = {"sheetId": sheet_id, "rowIndex": row_no - 1, "columnIndex": col_no - 1}
    return [
        *changes,
        *_parted(sheet, col_no - 1, col_no),
        {"updateCells": {"start": start, "rows": rows, "fields": CELL_FIELDS}},
    ]


def _last_column(sheet: Json, column_count: int) -> int:
    """The last column that holds anything at all, also under a merge."""
    merged: list[int] = [area.get("endColumnIndex", column_count) for area in sheet.get("merges", ())]
    held = [col_no for _, col_no, cell in places(sheet) if cell.get("userEnteredValue") or cell.get("effectiveValue")]
    return max((*merged, *held), default=0)


def _summary_changes(
    workbook_id: str, answer: Json, worksheets: Sequence[Worksheet], marks: Marks, since: str
) -> list[Json]:
    """Our worksheet: made if it isn't there, and written whole, whatever somebody put there."""
    lines = trimmed([[words()["heading"]], [words()["since"], since], *marks.summary])
    ours = next((sheet for sheet in worksheets if is_summary(sheet)), None)
    if ours is None:
        changes, sheet = _new_summary(workbook_id, answer, len(lines))
    else:
        sheet = _sheet(answer, ours.title)
        changes = [
            *_room(sheet, len(lines), SUMMARY_COLUMNS),
            *_parted(sheet, 0, MOST_COLUMNS),
        ]
    sheet_id, row_count, column_count = _size(sheet)
    area = {
        "sheetId": sheet_id,
        "startRowIndex": 0,
        "endRowIndex": max(row_count, len(lines)),
        "startColumnIndex": 0,
        "endColumnIndex": max(column_count, SUMMARY_COLUMNS),
    }
    rows = [{"values": [_cell(text, WHITE, bold=_is_heading(line)) for text in line]} for line in lines]
    return [*changes, {"updateCells": {"range": area, "rows": rows, "fields": CELL_FIELDS}}]


def _new_summary(workbook_id: str, answer: Json, line_count: int) -> tuple[list[Json], Json]:
    """Requests that make our worksheet, and the worksheet that they make."""
    title = words()["summary_worksheet"]
    if any(sheet["properties"]["title"].casefold() == title.casefold() for sheet in answer["sheets"]):
        raise GoogleRefusedError(problem_text(workbook_id, "title_taken", detail=title), "title_taken")
    taken = {_size(sheet)[0] for sheet in answer["sheets"]}
    sheet_id = next(number for number in range(FIRST_ID, FIRST_ID + len(taken) + 1) if number not in taken)
    size = {"rowCount": line_count + SPARE_ROWS, "columnCount": SUMMARY_COLUMNS, "frozenRowCount": HEAD_ROWS}
    properties = {"sheetId": sheet_id, "title": title, "gridProperties": size}
    widths = [_width(sheet_id, no, width) for no, width in enumerate(SUMMARY_WIDTHS)]
    changes = [{"addSheet": {"properties": properties}}, _warning({"sheetId": sheet_id}), *widths]
    return changes, {"properties": properties}


def _parted(sheet: Json, first: int, end: int) -> list[Json]:
    """Requests that part cells merged within columns that are ours: a covered cell keeps no text."""
    areas = [
        area
        for area in sheet.get("merges", ())
        if area.get("startColumnIndex", 0) >= first and area.get("endColumnIndex", end) <= end
    ]
    return [{"unmergeCells": {"range": area}} for area in areas]


def _room(sheet: Json, rows: int, columns: int) -> list[Json]:
    """Requests that make a worksheet at least this large."""
    sheet_id, row_count, column_count = _size(sheet)
    lacking = {"ROWS": rows - row_count, "COLUMNS": columns - column_count}
    return [
        {"appendDimension": {"sheetId": sheet_id, "dimension": dimension, "length": length}}
        for dimension, length in lacking.items()
        if length > 0
    ]


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
