"""What the requests of batchUpdate share: finding a sheet, reading a mask, refusing."""

from __future__ import annotations

from typing import Any

from .grid import Sheet, size
from .masks import Mask, check, parse
from .schemas import load

Book = dict[str, Any]
Body = dict[str, Any]
MOST_CELLS = 10_000_000


class RefusedError(Exception):
    """One request can't be applied; the message as Google words it, without the place."""

    def __init__(self, message: str, violation: str = "") -> None:
        super().__init__(message)
        self.violation = violation


def mask_of(body: Body, schema: str) -> Mask:
    """The `fields` of a request, which must not be missing."""
    text = body.get("fields", "")
    if not text:
        raise RefusedError("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    mask = parse(text)
    schemas = load("sheets.v4")
    check(mask, schemas, schemas.named(schema), text)
    return mask


def sheet_of(book: Book, sheet_id: int) -> Sheet:
    for sheet in book["sheets"]:
        if sheet["properties"]["sheetId"] == sheet_id:
            return sheet
    raise RefusedError(f"No grid with id: {sheet_id}")


def check_size(book: Book) -> None:
    cells = sum(rows * columns for rows, columns in map(size, book["sheets"]))
    if cells > MOST_CELLS:
        raise RefusedError(
            f"This action would increase the number of cells in the workbook above the limit of {MOST_CELLS} cells."
        )
