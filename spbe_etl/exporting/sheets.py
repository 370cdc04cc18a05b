"""Worksheets written from top to bottom: rows go out as they come, so that long tables need no memory.

Text stays text, whatever it begins with, also after a person has edited the cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from spbe_etl.folders import make_folder
from spbe_etl.resources import seed
from spbe_etl.templates.sheets import CENTRE, DATE_FORMAT, HEADER_FILL, HEADER_FONT, HEADING_FONT, SMALL_FONT

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
LONGEST_CELL = 32_767
"""UTF-16 units: what a cell of Excel holds."""
NO_CHARACTERS = re.compile("[\ufffe\uffff]")
"""What XML can't hold, beyond control characters."""
SHOWN = "0.00"
EXACT = "0.00########"
MONEY = "#,##0"
NARROWEST, WIDEST = 10, 60
HEADER_POINTS = 32
LOOKED_AT = 200
"""Rows from which a column's width is taken."""
TITLE_FONT = Font(name="Calibri", size=14, bold=True, color="1F4E78")


@dataclass(frozen=True)
class Look:
    """How a cell looks."""

    number_format: str = "General"
    font: Font | None = None
    wraps: bool = False


PLAIN, TITLE, HEADING, NOTE = Look(), Look(font=TITLE_FONT), Look(font=HEADING_FONT), Look(font=SMALL_FONT)
HEADER = Look(font=HEADER_FONT)
LOOKS_BY_TYPE: Mapping[str, Look] = {
    "DECIMAL(4,2)": Look(SHOWN),
    "DECIMAL(5,2)": Look(SHOWN),
    "DECIMAL(9,4)": Look(EXACT),
    "DECIMAL(18,2)": Look(MONEY),
    "DECIMAL(18,10)": Look(EXACT),
    "INTEGER": Look("0"),
    "DATE": Look(DATE_FORMAT),
    "TIMESTAMP": Look("yyyy-mm-dd hh:mm:ss"),
    "BOOLEAN": PLAIN,
    "VARCHAR": PLAIN,
}


@cache
def words() -> Mapping[str, str]:
    """Our words by name: headers by column, others by what they are."""
    return {row["name"]: row["text"] for row in seed("export_text")}


def empty_stream() -> Workbook:
    """A workbook without any worksheet, whose rows are written as they come."""
    book = Workbook(write_only=True)
    book.properties.creator = "spbe-etl"
    return book


def save(book: Workbook, path: Path) -> Path:
    """Write the workbook; its folder is made where it's missing."""
    make_folder(path.parent)
    book.save(path)
    return path


class Sheet:
    """One worksheet. Widths are those of its columns, in characters."""

    def __init__(self, book: Workbook, title: str, widths: Sequence[float], frozen: str | None = None) -> None:
        self.worksheet = book.create_sheet(title)
        self.row_no = 0
        self._cells: dict[tuple[int, Look, bool], Cell] = {}
        self.worksheet.freeze_panes = frozen
        self.worksheet.page_setup.orientation = "landscape"
        self.worksheet.page_setup.fitToHeight = 0
        self.worksheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        for no, width in enumerate(widths, start=1):
            self.worksheet.column_dimensions[get_column_letter(no)].width = width

    def add(self, values: Iterable[object], looks: Sequence[Look] | Look = PLAIN) -> None:
        """One row; each value in its column's look, or all in the same."""
        values = list(values)
        each = [looks] * len(values) if isinstance(looks, Look) else looks
        pairs = zip(values, each, strict=True)
        if looks is HEADER:
            self.worksheet.row_dimensions[self.row_no + 1].height = HEADER_POINTS
        self.worksheet.append([self._cell(no, value, look) for no, (value, look) in enumerate(pairs)])
        self.row_no += 1

    def skip(self, count: int = 1) -> None:
        """Empty rows."""
        for _ in range(count):
            self.add(())

    def _cell(self, no: int, value: object, look: Look) -> Cell | None:
        """The cell of a column and look, with this value: one serves row after row, for styles are dear."""
        if value is None:
            return None
        plain = plain_value(value)
        key = (no, look, isinstance(plain, str) and plain.startswith(FORMULA_STARTS))
        if key not in self._cells:
            self._cells[key] = self._styled(look, is_quoted=key[2])
        cell = self._cells[key]
        cell.value = plain
        if isinstance(plain, str):
            cell.data_type = "s"
        return cell

    def _styled(self, look: Look, *, is_quoted: bool) -> Cell:
        cell = WriteOnlyCell(self.worksheet)
        cell.number_format = look.number_format
        cell.quotePrefix = is_quoted
        if look.font is not None:
            cell.font = look.font
        if look is HEADER:
            cell.fill, cell.alignment = HEADER_FILL, CENTRE
        elif look.wraps:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        return cell


def add_table(
    book: Workbook,
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    looks: Sequence[Look],
    widths: Mapping[str, float] | None = None,
) -> None:
    """A worksheet that is one table: header in view, filters, columns as wide as what stands in their first rows."""
    rows = iter(rows)
    first = list(islice(rows, LOOKED_AT))
    sheet = Sheet(book, title, [(widths or {}).get(name) or _width(name, no, first) for no, name in enumerate(columns)])
    sheet.worksheet.freeze_panes = "A2"
    sheet.worksheet.print_title_rows = "1:1"
    sheet.add(columns, HEADER)
    for row in chain(first, rows):
        sheet.add(row, looks)
    sheet.worksheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{sheet.row_no}"


def _width(name: str, no: int, rows: Sequence[Sequence[object]]) -> int:
    longest = max((len(str(row[no])) for row in rows if isinstance(row[no], str)), default=0)
    return max(NARROWEST, len(name) + 4, min(longest + 2, WIDEST))


def plain_value(value: object) -> Any:
    """A value that a cell can hold; a text too long for one says so at its end."""
    if isinstance(value, str):
        return _fitting(NO_CHARACTERS.sub(" ", ILLEGAL_CHARACTERS_RE.sub(" ", value)))
    return value if value is None or isinstance(value, int | float | Decimal | date | datetime | bool) else str(value)


def _fitting(text: str) -> str:
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST_CELL:
        return text
    told = words()["cut"].format(length=len(text))
    return units[: 2 * (LONGEST_CELL - len(told))].decode("utf-16-le", errors="ignore") + told
