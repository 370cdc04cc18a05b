"""How our worksheets look: header in view, columns as wide as their content, text that wraps.

Templates and the sample share it, so that what's shown in the sample is what an OPD gets.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from math import ceil
from types import MappingProxyType

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from spbe_etl.templates.inventories import inventory_columns
from spbe_etl.workbooks import Field, fields

CellValue = str | int | Decimal | date | None

WIDE = MappingProxyType(
    {
        "indicator_name": 58,
        "level_summary": 64,
        "explanation": 48,
        "evidence": 48,
        "opd_name": 48,
        "institution_name": 36,
        "institution": 36,
        "source": 48,
        "note": 48,
        "supporters": 40,
        "spreadsheet": 30,
        "object_kind": 34,
        "object_id": 14,
        "object_name": 40,
        "description": 48,
        "purpose": 40,
        "function": 40,
        "benefit": 40,
        "economic_potential": 40,
        "risk": 40,
        "mitigation": 40,
        "output": 32,
        "program": 32,
        "url": 36,
        "cycle_documents": 40,
        "audit_result": 40,
        "follow_up": 40,
    }
)
FORMATS = MappingProxyType(
    {
        "code": "@",  # as text: or 01.02 becomes a number, 35-2 a day
        "reference_code": "@",
        "references": "@",
        "indicator_list": "@",
        "year_targets": "@",
        "date": "yyyy-mm-dd",
        "money": "#,##0",
    }
)
HEADER_FONT = Font(name="Calibri", size=11, bold=True, color="FFFFFF")
HEADER_FILL = PatternFill("solid", fgColor="1F4E78")
OPTIONAL_HEADER_FONT = Font(name="Calibri", size=11, bold=True, color="1F4E78")
OPTIONAL_HEADER_FILL = PatternFill("solid", fgColor="BDD7EE")
HEADING_FONT = Font(name="Calibri", size=11, bold=True, color="1F4E78")
SMALL_FONT = Font(name="Calibri", size=8, color="595959")
PREFILLED_FILL = PatternFill("solid", fgColor="EDF2F7")
LINE = Side(style="thin", color="BFBFBF")
GRID = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
TOP = Alignment(vertical="top", wrap_text=True)
CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
DATE_FORMAT = FORMATS["date"]
GUIDE_WIDTHS = (26, 110)
GUIDE_FITTING = (22, 110)
"""Letters that fit into a line of the guide's columns; headings are bold."""
LINE_HEIGHT = 15
"""Points of a line of plain text."""
PRINTED_WIDTH = 220
"""So many characters side by side are still readable on a landscape page."""
SUMMARY = "level_summary"
SUMMARY_HEIGHT = 110
"""Points: about ten lines of the small font, which the longest summaries take at their column's width."""


def empty_book() -> Workbook:
    """A workbook without any worksheet."""
    book = Workbook()
    book.remove(book.worksheets[0])
    return book


def number(indicator_no: str) -> CellValue:
    """An indicator's number as a person types it: 12 as a number, 35-2 as text."""
    return int(indicator_no) if indicator_no.isdigit() else indicator_no


def add_table(
    sheet: Worksheet,
    rows: Iterable[Mapping[str, CellValue]],
    header_row: int = 1,
    prefilled: Collection[str] = (),
) -> None:
    """Put the contract's header of this worksheet on it, and rows (field -> value) below.

    Columns of the fields in `prefilled` are shaded: they are ours, not for the reader to fill in. Level summaries
    get a column only where a row carries them. In an inventory, headers of columns that may stay empty are lighter.
    """
    rows = list(rows)
    columns = _columns(sheet.title, has_summaries=any(row.get(SUMMARY) for row in rows))
    write_header(sheet, header_row, [column.header for column in columns])
    optional = {column.header for column in inventory_columns(sheet.title) if not column.needed_by}
    for cell in sheet[header_row]:
        if cell.value in optional:
            cell.font, cell.fill = OPTIONAL_HEADER_FONT, OPTIONAL_HEADER_FILL
    set_widths(sheet, [WIDE.get(column.field, max(14, len(column.header) + 4)) for column in columns])
    for row_no, row in enumerate(rows, start=header_row + 1):
        for no, column in enumerate(columns, start=1):
            cell = write_cell(sheet, row_no, no, row.get(column.field))
            if column.field in prefilled:
                cell.fill = PREFILLED_FILL
            if column.field == SUMMARY:
                cell.font = SMALL_FONT
                sheet.row_dimensions[row_no].height = SUMMARY_HEIGHT


def _columns(worksheet: str, *, has_summaries: bool) -> list[Field]:
    """The contract's columns as we write them: level summaries right after the indicator they're about, or left out;
    those of an inventory in an order of their own.
    """
    if inventory := inventory_columns(worksheet):
        by_field = {column.field: column for column in fields(worksheet)}
        return [by_field[column.field] for column in inventory]
    columns = [column for column in fields(worksheet) if column.field != SUMMARY]
    if has_summaries:
        (summary,) = (column for column in fields(worksheet) if column.field == SUMMARY)
        columns.insert([column.field for column in columns].index("indicator_name") + 1, summary)
    return columns


def format_columns(sheet: Worksheet) -> None:
    """Let the empty cells of an inventory take what's typed for what it is: codes as text, days as days.

    Printed, its many columns go over as many pages side by side as it takes to stay readable.
    """
    for no, column in enumerate(inventory_columns(sheet.title), start=1):
        dimension = sheet.column_dimensions[get_column_letter(no)]
        dimension.alignment = TOP
        if column.reader in FORMATS:
            dimension.number_format = FORMATS[column.reader]
    width = sum(dimension.width for dimension in sheet.column_dimensions.values())
    sheet.page_setup.fitToWidth = ceil(width / PRINTED_WIDTH)


def write_header(sheet: Worksheet, row_no: int, titles: Sequence[str]) -> None:
    """Write one header row, keep it in view, and repeat it on each printed page."""
    for no, title in enumerate(titles, start=1):
        cell = write_cell(sheet, row_no, no, title)
        cell.font, cell.fill, cell.alignment = HEADER_FONT, HEADER_FILL, CENTRE
    sheet.row_dimensions[row_no].height = 32
    sheet.freeze_panes = f"A{row_no + 1}"
    sheet.print_title_rows = f"{row_no}:{row_no}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def write_cell(sheet: Worksheet, row_no: int, column_no: int, value: CellValue) -> Cell:
    """Write one value as it is: text stays text, also where it looks like a formula or an error."""
    cell = sheet.cell(row_no, column_no)
    if not isinstance(cell, Cell):
        raise TypeError(f"{sheet.title}!{cell.coordinate} lies inside a merged cell")
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value) or None
        if cell.value is not None:
            cell.data_type = "s"
    else:
        cell.value = value
    if isinstance(value, date):
        cell.number_format = DATE_FORMAT
    cell.alignment, cell.border = TOP, GRID
    return cell


def write_row(sheet: Worksheet, row_no: int, values: Sequence[CellValue]) -> None:
    """Write values side by side from the first column on."""
    for column_no, value in enumerate(values, start=1):
        write_cell(sheet, row_no, column_no, value)


def set_widths(sheet: Worksheet, widths: Sequence[int]) -> None:
    """Column widths in characters, from the first column on."""
    for no, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(no)].width = width


def add_guide(book: Workbook, lines: Iterable[tuple[str, str]]) -> Worksheet:
    """The worksheet `Petunjuk`: headings on the left, texts on the right; either may be empty."""
    sheet: Worksheet = book.create_sheet("Petunjuk")
    set_widths(sheet, GUIDE_WIDTHS)
    sheet.sheet_view.showGridLines = False
    for row_no, (heading, text) in enumerate(lines, start=1):
        write_row(sheet, row_no, [heading, text])
        for cell in sheet[row_no]:
            cell.border = Border()
        sheet.cell(row_no, 1).font = HEADING_FONT
    sheet.cell(1, 1).font = Font(name="Calibri", size=14, bold=True, color="1F4E78")
    sheet.cell(1, 1).alignment = Alignment(vertical="center")
    sheet.row_dimensions[1].height = 26
    return sheet


def fit_guide(sheet: Worksheet) -> None:
    """Make rows of a guide as high as their text, which not every spreadsheet does by itself, and a page as wide."""
    for row_no, cells in enumerate(sheet.iter_rows(min_row=2, max_col=len(GUIDE_WIDTHS)), start=2):
        lines = [ceil(len(str(cell.value or "")) / fitting) for cell, fitting in zip(cells, GUIDE_FITTING, strict=True)]
        if max(lines) > 1:
            sheet.row_dimensions[row_no].height = LINE_HEIGHT * max(lines)
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
