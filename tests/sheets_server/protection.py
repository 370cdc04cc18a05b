"""Protected ranges: who may write into them, and what those see of them who may not."""

from __future__ import annotations

import math
from typing import Any

from .batch_common import Body, Book, RefusedError
from .files import OWNER
from .grid import Sheet

MESSAGE = (
    "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove protection "
    "if you need to edit."
)
_CELLS = frozenset({"updateCells", "repeatCell", "setDataValidation", "mergeCells"})
_DIMENSIONS = frozenset({"insertDimension", "deleteDimension", "updateDimensionProperties"})
_SHEETS = frozenset({"deleteSheet", "appendDimension"})
Area = tuple[float, float, float, float]
"""First row, row after the last, and the same of columns."""


def may_edit(protected: dict[str, Any], email: str) -> bool:
    users = protected.get("editors", {}).get("users", [])
    return bool(protected.get("warningOnly")) or email == OWNER or email in users


def refuse(book: Book, kind: str, body: Body, email: str) -> None:
    """Raises RefusedError when the request touches what this account may not edit."""
    found = _touched(kind, body)
    if found is None:
        return
    sheet_id, area = found
    for sheet in book["sheets"]:
        if sheet["properties"]["sheetId"] != sheet_id:
            continue
        for protected in sheet.get("protectedRanges", []):
            free = [_area(one) for one in protected.get("unprotectedRanges", [])]
            closed = _overlap(_area(protected.get("range", {})), area) and not any(_inside(area, one) for one in free)
            if closed and not may_edit(protected, email):
                raise RefusedError(MESSAGE)


def seen_by(sheet: Sheet, email: str) -> Sheet:
    """The sheet as an account sees it: who else may edit is told only to those who may."""
    if "protectedRanges" not in sheet:
        return sheet
    seen = []
    for protected in sheet["protectedRanges"]:
        can_edit = may_edit(protected, email)
        shown = {name: value for name, value in protected.items() if name != "editors" or can_edit}
        seen.append({**shown, **({"requestingUserCanEdit": True} if can_edit else {})})
    return {**sheet, "protectedRanges": seen}


def _touched(kind: str, body: Body) -> tuple[int, Area] | None:
    if kind in _CELLS:
        if "start" in body and "range" not in body:
            start, rows = body["start"], body.get("rows", [])
            top, left = start.get("rowIndex", 0), start.get("columnIndex", 0)
            width = max((len(row.get("values", [])) for row in rows), default=0)
            return start.get("sheetId", 0), (top, top + len(rows), left, left + width)
        area = body.get("range", {})
        return area.get("sheetId", 0), _area(area)
    if kind in _DIMENSIONS:
        area = body.get("range", {})
        start, end = area.get("startIndex", 0), area.get("endIndex", math.inf)
        whole = area.get("dimension") == "ROWS"
        return area.get("sheetId", 0), (start, end, 0, math.inf) if whole else (0, math.inf, start, end)
    if kind in _SHEETS:
        return body.get("sheetId", 0), (0, math.inf, 0, math.inf)
    return None


def _area(area: dict[str, Any]) -> Area:
    return (
        area.get("startRowIndex", 0),
        area.get("endRowIndex", math.inf),
        area.get("startColumnIndex", 0),
        area.get("endColumnIndex", math.inf),
    )


def _overlap(one: Area, other: Area) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]


def _inside(one: Area, other: Area) -> bool:
    return other[0] <= one[0] and one[1] <= other[1] and other[2] <= one[2] and one[3] <= other[3]
