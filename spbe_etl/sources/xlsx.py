"""An .xlsx file as a workbook: error, uncached formula, date, number and blank told apart.

Runs in a worker process (see folder.py), so that one file that takes memory or time stops nobody else.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.escape import unescape

from spbe_etl.errors import SourceError
from spbe_etl.workbooks import RawCell, Workbook, Worksheet

MOST_BYTES = 300 * 1024 * 1024
MOST_CELLS = 2_000_000
_PLAIN_FORMAT = re.compile(r"0+(?:\.(0+))?")


def read_xlsx(path: Path) -> Workbook:
    """Every worksheet, hidden ones too, with the values that the sheet showed when it was saved.

    Raises SourceError (Bahasa, names the file) for a file that isn't a readable .xlsx or is too large.
    """
    _refuse_large(path)
    try:
        formulas = load_workbook(path, data_only=False)
        has_formula = any(cell.data_type == "f" for sheet in formulas.worksheets for cell in _held(sheet))
        values = load_workbook(path, data_only=True) if has_formula else formulas
        worksheets = [
            Worksheet(sheet.title, tuple(_cells(path.name, sheet, formulas[sheet.title])))
            for sheet in values.worksheets
        ]
    except SourceError:
        raise
    except Exception as error:
        raise SourceError(
            f"{path.name}: berkas tidak dapat dibaca sebagai .xlsx ({type(error).__name__}). "
            f"Unduh atau simpan ulang sebagai .xlsx tanpa kata sandi."
        ) from error
    return Workbook(path.name, tuple(worksheets))


def _refuse_large(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except (OSError, zipfile.BadZipFile) as error:
        raise SourceError(
            f"{path.name}: bukan berkas .xlsx yang utuh. Unduh ulang sebagai .xlsx, tanpa kata sandi."
        ) from error
    if size > MOST_BYTES:
        raise SourceError(
            f"{path.name}: isinya {size // 1024**2} MB setelah dibuka, melebihi batas {MOST_BYTES // 1024**2} MB. "
            f"Hapus gambar dan lembar yang tidak perlu."
        )


def _held(sheet: Any) -> list[Any]:
    """The cells that the file holds, in reading order; not every cell up to the last, which may be far away."""
    held = sheet._cells
    return [held[place] for place in sorted(held)]


def _cells(workbook_name: str, sheet: Any, formula_sheet: Any) -> Iterator[RawCell]:
    covered = _merged_places(sheet)
    count = 0
    for cell in _held(sheet):
        row_no, col_no = covered.get((cell.row, cell.column), (cell.row, cell.column))
        anchor = sheet.cell(row_no, col_no)
        kind, text = _value(anchor, formula_sheet.cell(row_no, col_no).data_type == "f")
        link = str(anchor.hyperlink.target or "") if anchor.hyperlink else ""
        if kind == "blank" and not link:
            continue
        count += 1
        if count > MOST_CELLS:
            raise SourceError(
                f"{workbook_name}, lembar {sheet.title}: lebih dari {MOST_CELLS} sel terisi. Pecah lembar itu."
            )
        place = f"{get_column_letter(col_no)}{row_no}"
        yield RawCell(cell.row, cell.column, "text" if kind == "blank" else kind, text, link, place)


def _merged_places(sheet: Any) -> dict[tuple[int, int], tuple[int, int]]:
    """Covered cell -> top left cell, for the cells that the file holds."""
    return {
        (row_no, col_no): (area.min_row, area.min_col)
        for area in sheet.merged_cells.ranges
        for row_no, col_no in area.cells
    }


def _value(cell: Any, is_formula: bool) -> tuple[str, str]:
    value = cell.value
    if cell.data_type == "e":
        return "error", str(value)
    if value is None or value == "":
        # a formula that was computed to nothing is saved as text, one that wasn't computed as a number
        return ("formula", "") if is_formula and cell.data_type == "n" else ("blank", "")
    if isinstance(value, bool):
        return "boolean", "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return "date", value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return "date", value.isoformat()
    if isinstance(value, int | float):
        return "number", number_text(value, cell.number_format)
    return ("date" if isinstance(value, time) else "text"), unescape(str(value))


def number_text(value: float, number_format: str = "General") -> str:
    """A number as its sheet holds it: 15 significant digits (what the application itself keeps).

    A plain format such as `00.00` is followed where it loses nothing, so that code 73.10 stays 73.10.
    """
    exact = Decimal(f"{value:.15g}")
    plain = f"{exact:f}"
    match = _PLAIN_FORMAT.fullmatch(number_format)
    if match is None or exact < 0:
        return plain
    shown = f"{exact:.{len(match[1] or '')}f}".zfill(len(number_format))
    return shown if Decimal(shown) == exact else plain
