"""Requests of batchUpdate about rows and columns."""

from __future__ import annotations

from .batch_common import Body, Book, RefusedError, check_size, mask_of, sheet_of
from .grid import COLUMN, ROW, Sheet, delete, insert, resize, size


def append_dimension(book: Book, body: Body) -> None:
    sheet = sheet_of(book, body.get("sheetId", 0))
    length = body.get("length", 0)
    if length < 1:
        raise RefusedError("length must be greater than 0")
    rows, columns = size(sheet)
    resize(sheet, rows + length, columns) if _dimension(body) == "ROWS" else resize(sheet, rows, columns + length)
    check_size(book)


def insert_dimension(book: Book, body: Body) -> None:
    sheet, dimension, start, end = _stretch(book, body, inside=False)
    if body.get("inheritFromBefore") and start == 0:
        raise RefusedError("inheritFromBefore cannot be true if inserting at the first row or column")
    insert(sheet, dimension, start, end - start)
    check_size(book)


def delete_dimension(book: Book, body: Body) -> None:
    sheet, dimension, start, end = _stretch(book, body)
    if end - start == size(sheet)[dimension == "COLUMNS"]:
        raise RefusedError(f"You can't delete all the {dimension.lower()} on the sheet.")
    delete(sheet, dimension, start, end)


def update_dimension_properties(book: Book, body: Body) -> None:
    sheet, dimension, start, end = _stretch(book, body)
    mask = mask_of(body, "DimensionProperties")
    metadata = sheet["data"][0]["rowMetadata" if dimension == "ROWS" else "columnMetadata"]
    blank, wanted = (ROW if dimension == "ROWS" else COLUMN), body.get("properties", {})
    names = ("hiddenByUser", "pixelSize") if "*" in mask else tuple(mask)
    for index in range(start, end):
        changed = {name: value for name, value in metadata[index].items() if name not in names}
        changed |= {name: wanted[name] for name in names if wanted.get(name)}
        metadata[index] = {**blank, **changed}


def auto_resize(book: Book, body: Body) -> None:
    _stretch(book, {"range": body.get("dimensions", {})})


def _stretch(book: Book, body: Body, inside: bool = True) -> tuple[Sheet, str, int, int]:
    area = body.get("range", {})
    sheet = sheet_of(book, area.get("sheetId", 0))
    dimension = _dimension(area)
    count = size(sheet)[dimension == "COLUMNS"]
    start, end = area.get("startIndex", 0), area.get("endIndex", count)
    if start < 0 or end <= start or start > count - inside or (inside and end > count):
        raise RefusedError(
            f"range.startIndex[{start}] and range.endIndex[{end}] must lie in the grid, which ends at {count}"
        )
    return sheet, dimension, start, end


def _dimension(body: Body) -> str:
    if body.get("dimension") not in ("ROWS", "COLUMNS"):
        raise RefusedError("No dimension specified.")
    return str(body["dimension"])
