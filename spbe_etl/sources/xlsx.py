"""An .xlsx file as a workbook: error, uncached formula, date, number and blank told apart.

Runs in a worker process (see folder.py), so that one file that takes memory or time stops nobody else.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.utils.escape import unescape

from spbe_etl.errors import SourceError
from spbe_etl.values import MOST_CELLS, MOST_MERGED_CELLS, link_text, moment_text, number_text, time_text
from spbe_etl.workbooks import RawCell, Workbook, Worksheet, a1

MOST_BYTES = 300 * 1024 * 1024
_HYPERLINK = re.compile(r'=\s*HYPERLINK\(\s*"([^"]+)"', re.IGNORECASE)


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
    except (SourceError, MemoryError):
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
            merged = _merged_cells(archive) if size <= MOST_BYTES else 0
    except (OSError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise SourceError(
            f"{path.name}: bukan berkas .xlsx yang utuh. Unduh ulang sebagai .xlsx, tanpa kata sandi."
        ) from error
    if size > MOST_BYTES:
        raise SourceError(
            f"{path.name}: isinya {size // 1024**2} MB setelah dibuka, melebihi batas {MOST_BYTES // 1024**2} MB. "
            f"Hapus gambar dan lembar yang tidak perlu."
        )
    if merged > MOST_MERGED_CELLS:
        raise SourceError(
            f"{path.name}: {merged} sel digabung (merge), melebihi batas {MOST_MERGED_CELLS}. "
            f"Lepaskan gabungan sel yang memanjang sampai akhir lembar."
        )


def _merged_cells(archive: zipfile.ZipFile) -> int:
    """How many cells the merges of a workbook cover; openpyxl makes one for each, so this is asked before."""
    count = 0
    for name in archive.namelist():
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            for area in re.findall(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z0-9:]{2,30})"', archive.read(name)):
                left, top, right, bottom = range_boundaries(area.decode())
                count += ((right or 0) - (left or 0) + 1) * ((bottom or 0) - (top or 0) + 1)
    return count


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
        formula = formula_sheet.cell(row_no, col_no)
        kind, text = _value(anchor, formula.data_type == "f")
        link = link_text(text, _links(anchor, formula))
        if kind == "blank" and not link:
            continue
        count += 1
        if count > MOST_CELLS:
            raise SourceError(
                f"{workbook_name}, lembar {sheet.title}: lebih dari {MOST_CELLS} sel terisi. Pecah lembar itu."
            )
        place = a1(row_no, col_no)
        yield RawCell(cell.row, cell.column, "text" if kind == "blank" else kind, text, link, place)


def _links(cell: Any, formula: Any) -> Iterator[str]:
    """Where a cell leads: its hyperlink, or the address in its HYPERLINK formula."""
    if cell.hyperlink:
        yield str(cell.hyperlink.target or "")
    elif formula.data_type == "f" and (match := _HYPERLINK.match(str(formula.value))):
        yield match[1]


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
        return "date", moment_text(value)
    if isinstance(value, date):
        return "date", value.isoformat()
    if isinstance(value, int | float):
        return "number", number_text(value, cell.number_format)
    if isinstance(value, time):
        return "date", time_text(value)
    return "text", unescape(str(value))
