"""One sheet's grid as JSON: reading, writing and moving cells in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from openpyxl.utils.cell import coordinate_from_string

from .cells import Cell

Sheet = dict[str, Any]
ROW, COLUMN = {"pixelSize": 21}, {"pixelSize": 100}
"""Metadata of an untouched row or column; one object for all, so never changed in place."""


class GridError(Exception):
    """A message as Google words it, without the place in the request."""


def trim(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the empty cells at the end of rows and the empty rows at the end, as Google answers."""
    for row in rows:
        values = row.get("values", [])
        while values and not values[-1]:
            values.pop()
        if not values:
            row.pop("values", None)
    while rows and not rows[-1]:
        rows.pop()
    return rows


def size(sheet: Sheet) -> tuple[int, int]:
    properties = sheet["properties"]["gridProperties"]
    return properties["rowCount"], properties["columnCount"]


def cell_at(sheet: Sheet, row: int, column: int) -> Cell:
    """Zero-based; an empty cell where nothing is."""
    rows = sheet["data"][0].get("rowData", [])
    values = rows[row].get("values", []) if row < len(rows) else []
    return values[column] if column < len(values) else {}


def put_cell(sheet: Sheet, row: int, column: int, cell: Cell) -> None:
    rows = sheet["data"][0].setdefault("rowData", [])
    while len(rows) <= row:
        rows.append({})
    values = rows[row].setdefault("values", [])
    while len(values) <= column:
        values.append({})
    values[column] = cell


def tidy(sheet: Sheet) -> None:
    """To be called after writing."""
    data = sheet["data"][0]
    if not trim(data.get("rowData", [])):
        data.pop("rowData", None)


def position(reference: str) -> tuple[int, int]:
    """Zero-based row and column of `D5`."""
    letters, row = coordinate_from_string(reference.upper())
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return row - 1, column - 1


def area_of(sheet: Sheet, cells: str) -> dict[str, int]:
    """GridRange of `A1:C9`; of the whole sheet where nothing is given."""
    sheet_id = sheet["properties"]["sheetId"]
    area = {"sheetId": sheet_id} if sheet_id else {}
    if not cells:
        return area
    first, _, last = cells.partition(":")
    (top, left), (bottom, right) = position(first), position(last or first)
    named = {"startRowIndex": top, "endRowIndex": bottom + 1, "startColumnIndex": left, "endColumnIndex": right + 1}
    return area | named


def resize(sheet: Sheet, rows: int, columns: int) -> None:
    """Cells and metadata beyond the new size are lost."""
    data = sheet["data"][0]
    for name, count, blank in (("rowMetadata", rows, ROW), ("columnMetadata", columns, COLUMN)):
        metadata = data[name]
        data[name] = metadata[:count] + [blank] * (count - len(metadata))
    kept = data.get("rowData", [])[:rows]
    for row in kept:
        if "values" in row:
            row["values"] = row["values"][:columns]
    data["rowData"] = kept
    sheet["properties"]["gridProperties"] |= {"rowCount": rows, "columnCount": columns}
    tidy(sheet)


def insert(sheet: Sheet, dimension: str, start: int, count: int) -> None:
    """Empty rows or columns before `start`; what lies behind moves, merges and protections too."""
    data = sheet["data"][0]
    rows = data.get("rowData", [])
    if dimension == "ROWS":
        data["rowMetadata"][start:start] = [ROW] * count
        if start < len(rows):
            rows[start:start] = [{} for _ in range(count)]
        sheet["properties"]["gridProperties"]["rowCount"] += count
    else:
        data["columnMetadata"][start:start] = [COLUMN] * count
        for row in rows:
            if start < len(row.get("values", [])):
                row["values"][start:start] = [{} for _ in range(count)]
        sheet["properties"]["gridProperties"]["columnCount"] += count
    _each_range(sheet, lambda area: _moved(area, dimension, start, count))


def delete(sheet: Sheet, dimension: str, start: int, end: int) -> None:
    data = sheet["data"][0]
    rows = data.get("rowData", [])
    if dimension == "ROWS":
        del data["rowMetadata"][start:end]
        del rows[start:end]
        sheet["properties"]["gridProperties"]["rowCount"] -= end - start
    else:
        del data["columnMetadata"][start:end]
        for row in rows:
            del row.get("values", [])[start:end]
        sheet["properties"]["gridProperties"]["columnCount"] -= end - start
    _each_range(sheet, lambda area: _shrunk(area, dimension, start, end))
    tidy(sheet)


def _each_range(sheet: Sheet, change: Callable[[dict[str, int]], dict[str, int] | None]) -> None:
    """Every range that the sheet keeps; a change to None drops it."""
    if "merges" in sheet:
        sheet["merges"] = [moved for area in sheet["merges"] if (moved := change(area))]
    for protected in sheet.get("protectedRanges", []):
        if "range" in protected:
            protected["range"] = change(protected["range"]) or protected["range"]
    for rule in sheet.get("conditionalFormats", []):
        rule["ranges"] = [moved for area in rule.get("ranges", []) if (moved := change(area))]


def _names(dimension: str) -> tuple[str, str]:
    return ("startRowIndex", "endRowIndex") if dimension == "ROWS" else ("startColumnIndex", "endColumnIndex")


def _moved(area: dict[str, int], dimension: str, start: int, count: int) -> dict[str, int]:
    moved = dict(area)
    first, last = _names(dimension)
    if area.get(first, 0) >= start and first in area:
        moved[first] = area[first] + count
    if last in area and area[last] > start:
        moved[last] = area[last] + count
    return moved


def _shrunk(area: dict[str, int], dimension: str, start: int, end: int) -> dict[str, int] | None:
    shrunk = dict(area)
    for name in _names(dimension):
        if name in area and area[name] > start:
            shrunk[name] = max(start, area[name] - (end - start))
    first, last = _names(dimension)
    return None if first in shrunk and shrunk.get(last) == shrunk[first] else shrunk


def bounds(sheet: Sheet, area: dict[str, int]) -> tuple[int, int, int, int]:
    """First row, row after the last, and the same of columns; open ends reach the grid's end. Raises GridError."""
    rows, columns = size(sheet)
    limits = []
    for name, count, what in (("Row", rows, "row"), ("Column", columns, "column")):
        start, end = area.get(f"start{name}Index", 0), area.get(f"end{name}Index", count)
        if start < 0 or end < 0:
            raise GridError(f"GridRange.{'start' if start < 0 else 'end'}{name}Index cannot be negative")
        if start >= count:
            raise GridError(f"GridRange.start{name}Index[{start}] is after last {what} in grid[{count - 1}]")
        if end > count:
            raise GridError(f"GridRange.end{name}Index[{end}] is after last {what} in grid[{count}]")
        if end <= start:
            raise GridError(f"GridRange.end{name}Index[{end}] must be after GridRange.start{name}Index[{start}]")
        limits += [start, end]
    return limits[0], limits[1], limits[2], limits[3]
