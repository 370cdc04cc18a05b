"""What we write into an OPD's workbook: told apart from what's theirs, and compared with what it should say.

A status column in `Penilaian` and the worksheet `Hasil Pemeriksaan` are ours. They never enter raw or a hash,
also where the workbook was downloaded as a file. Words: `seeds/feedback_text.csv`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from openpyxl.utils import get_column_letter

from spbe_etl.cells import loosen
from spbe_etl.errors import SourceError
from spbe_etl.resources import seed
from spbe_etl.workbooks import Workbook, Worksheet, find_header, known_worksheets

ANSWERS = "Penilaian"
HEAD_ROWS = 2
"""Rows of the summary above what it says: its heading, and since when it stands."""

Table = tuple[tuple[str, ...], ...]


@cache
def words() -> Mapping[str, str]:
    """Our words by name."""
    return {row["name"]: row["text"] for row in seed("feedback_text")}


@dataclass(frozen=True)
class Marks:
    """`statuses`: row of Penilaian -> text beside it. `summary`: rows of Hasil Pemeriksaan below its head."""

    statuses: Mapping[int, str] = field(default_factory=dict)
    summary: Table = ()

    @property
    def statuses_hash(self) -> str:
        """The same texts beside the same rows give the same hash."""
        return _digest(sorted(self.statuses.items()))

    @property
    def summary_hash(self) -> str:
        """The same summary gives the same hash, since whenever it stands."""
        return _digest(self.summary)


def split_marks(workbook: Workbook) -> tuple[Workbook, Marks]:
    """An OPD workbook without our marks, and the marks."""
    marks = Marks()
    kept: list[Worksheet] = []
    for worksheet in workbook.worksheets:
        if is_summary(worksheet):
            marks = replace(marks, summary=_body(worksheet))
        elif (place := status_column(worksheet)) is not None:
            row_no, col_no = place
            # a cell merged across our column stays theirs
            letter = get_column_letter(col_no)
            ours = [
                cell
                for cell in worksheet.cells
                if cell.col_no == col_no and cell.row_no >= row_no and cell.place.rstrip("0123456789") == letter
            ]
            statuses = {cell.row_no: cell.text.strip() for cell in ours if cell.row_no > row_no and cell.text.strip()}
            marks = replace(marks, statuses=statuses)
            gone = set(ours)
            kept.append(Worksheet(worksheet.title, tuple(cell for cell in worksheet.cells if cell not in gone)))
        else:
            kept.append(worksheet)
    return Workbook(workbook.name, tuple(kept)), marks


def status_column(worksheet: Worksheet) -> tuple[int, int] | None:
    """Row and column number of our column's header in Penilaian, or None. It stands in the header's rows alone."""
    if known_worksheets("opd").get(loosen(worksheet.title)) != ANSWERS:
        return None
    try:
        header = find_header("", ANSWERS, worksheet)
    except SourceError:
        return None
    if header is None:
        return None
    ours = loosen(words()["status_header"])
    rows = range(header.row_no, header.last_row_no + 1)
    return next(((c.row_no, c.col_no) for c in worksheet.cells if c.row_no in rows and loosen(c.text) == ours), None)


def is_summary(worksheet: Worksheet) -> bool:
    """Whether a worksheet is ours: by its title and its heading, so that an OPD's own of that title stays theirs."""
    if loosen(worksheet.title) != loosen(words()["summary_worksheet"]):
        return False
    return any((cell.row_no, cell.col_no, cell.text) == (1, 1, words()["heading"]) for cell in worksheet.cells)


def trimmed(rows: Sequence[Sequence[str]]) -> Table:
    """Rows without empty cells at their ends, and without empty rows at the end."""
    table = [tuple(row) for row in rows]
    for no, row in enumerate(table):
        while row and not row[-1]:
            row = row[:-1]
        table[no] = row
    while table and not table[-1]:
        table.pop()
    return tuple(table)


def _body(worksheet: Worksheet) -> Table:
    rows: dict[int, dict[int, str]] = {}
    for cell in worksheet.cells:
        rows.setdefault(cell.row_no, {})[cell.col_no] = cell.text
    last_row_no = max(rows)
    return trimmed(
        [
            [rows.get(row_no, {}).get(col_no, "") for col_no in range(1, max(rows.get(row_no, {0: ""})) + 1)]
            for row_no in range(HEAD_ROWS + 1, last_row_no + 1)
        ]
    )


def _digest(content: object) -> str:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
