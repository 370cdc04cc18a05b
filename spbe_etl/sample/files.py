"""Workbooks whose bytes depend on their content alone: no clock in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from spbe_etl.templates.sheets import CellValue, add_table, write_cell

SYNTHETIC = "DATA SINTETIS UNTUK CONTOH - bukan data resmi"
WRITTEN_AT = datetime(2026, 1, 1)  # noqa: DTZ001  a workbook's properties carry no zone
NOTICE_FONT = Font(name="Calibri", size=12, bold=True, color="C00000")


def add_sheet(
    book: Workbook, worksheet: str, rows: Iterable[Mapping[str, CellValue]], titles: Sequence[str] = (SYNTHETIC,)
) -> Worksheet:
    """Add a contract worksheet: title rows that say what the data is, an empty row, the header, the rows."""
    sheet: Worksheet = book.create_sheet(worksheet)
    add_table(sheet, rows, header_row=len(titles) + 2)
    for row_no, title in enumerate(titles, start=1):
        cell = write_cell(sheet, row_no, 1, title)
        cell.font, cell.border, cell.alignment = NOTICE_FONT, Border(), Alignment(wrap_text=False)
    return sheet


def save_workbook(book: Workbook, path: Path) -> None:
    """Write a workbook reproducibly.

    `Workbook.save` stamps the present time into the properties and into every part of the archive.
    """
    book.properties.creator = "spbe-etl sample"
    book.properties.created = book.properties.modified = WRITTEN_AT
    stamped = BytesIO()
    with ZipFile(stamped, "w") as archive:
        ExcelWriter(book, archive).save()
    with ZipFile(stamped) as source, ZipFile(path, "w") as target:
        for name in source.namelist():
            part = ZipInfo(name, date_time=WRITTEN_AT.timetuple()[:6])
            target.writestr(part, source.read(name), compress_type=ZIP_DEFLATED)
