"""Locked cells: what we wrote can't be typed over by accident, everything else stays free.

There's no password, on purpose: this is against accidents, not against people. Whoever has a reason to change a header
lifts the protection with one click, and the reader finds headers and columns wherever they stand then.
"""

from __future__ import annotations

from collections.abc import Collection

from openpyxl import Workbook
from openpyxl.styles import Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from spbe_etl.templates.choices import last_row_to_fill_in
from spbe_etl.templates.lists import LISTS
from spbe_etl.workbooks import fields

FREE = Protection(locked=False)
READ_ONLY = ("Petunjuk", "Kriteria", LISTS)
LAST_COLUMN = 16_384
ALLOWED = (
    "formatCells",
    "formatColumns",
    "formatRows",
    "insertColumns",
    "insertRows",
    "insertHyperlinks",
    # only rows and columns without any locked cell can be deleted: those that were added
    "deleteColumns",
    "deleteRows",
    "sort",  # Excel refuses all the same where a locked cell lies in between; a filter always works
)


def protect(book: Workbook, locked_fields: Collection[str] = ()) -> None:
    """Lock what's there to be read whole; elsewhere the headers and what's filled in for `locked_fields`."""
    for sheet in book.worksheets:
        sheet.protection.sheet = True
        sheet.protection.autoFilter = False  # in the file, true forbids
        if sheet.title not in READ_ONLY:
            _free_all_but(sheet, {one.header for one in fields(sheet.title) if one.field in locked_fields})


def _free_all_but(sheet: Worksheet, locked_headers: Collection[str]) -> None:
    """Free every cell but row 1 and the cells of some columns, and allow what changes no locked cell."""
    for action in ALLOWED:
        setattr(sheet.protection, action, False)
    for header, *cells in sheet.iter_cols():
        if header.value not in locked_headers:
            for cell in cells:
                cell.protection = FREE
    _free_columns(sheet)
    # spreadsheets switch no filter on where a sheet is protected, so it's on already
    sheet.auto_filter.ref = f"A1:{get_column_letter(sheet.max_column)}{last_row_to_fill_in(sheet)}"


def _free_columns(sheet: Worksheet) -> None:
    """Cells that the file doesn't hold take their column's style: free ones, up to the last column there can be."""
    first_unused = sheet.max_column + 1
    for no in range(1, first_unused + 1):
        sheet.column_dimensions[get_column_letter(no)].protection = FREE
    unused = sheet.column_dimensions[get_column_letter(first_unused)]
    unused.min, unused.max = first_unused, LAST_COLUMN
