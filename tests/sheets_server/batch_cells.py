"""Requests of batchUpdate that write cells: only what the mask names changes, everything else in a cell stays."""

from __future__ import annotations

from typing import Any

from .cells import Cell, refresh
from .formats import plain
from .grid import GridError, Sheet, bounds, cell_at, put_cell, size, tidy
from .masks import Mask

Body = dict[str, Any]
MOST_CHARACTERS = 50_000
_WHOLE: Mask = {
    "userEnteredValue": {},
    "userEnteredFormat": {},
    "note": {},
    "dataValidation": {},
    "textFormatRuns": {},
}


def update(sheet: Sheet, body: Body, mask: Mask) -> None:
    """`range` clears what its rows don't cover; `start` writes as far as the rows go."""
    rows = body.get("rows", [])
    top, bottom, left, right = _target(sheet, body)
    if top + len(rows) > bottom:
        raise GridError(f"Attempting to write row: {bottom}, beyond the last requested row of: {bottom - 1}")
    for offset, row in enumerate(rows):
        values = row.get("values", [])
        if left + len(values) > right:
            raise GridError(f"Attempting to write column: {right}, beyond the last requested column of: {right - 1}")
        for column, cell in enumerate(values, start=left):
            _write(sheet, top + offset, column, cell, mask)
    if "range" in body:
        for row in range(top, bottom):
            covered = len(rows[row - top].get("values", [])) if row - top < len(rows) else 0
            _clear(sheet, row, left + covered, right, mask)
    tidy(sheet)


def _target(sheet: Sheet, body: Body) -> tuple[int, int, int, int]:
    if ("range" in body) == ("start" in body):
        raise GridError("Exactly one of 'range' and 'start' must be set.")
    if "range" in body:
        return bounds(sheet, body["range"])
    top, left = body["start"].get("rowIndex", 0), body["start"].get("columnIndex", 0)
    rows, columns = size(sheet)
    if not 0 <= top < rows:
        raise GridError(f"GridCoordinate.rowIndex[{top}] is after last row in grid[{rows - 1}]")
    if not 0 <= left < columns:
        raise GridError(f"GridCoordinate.columnIndex[{left}] is after last column in grid[{columns - 1}]")
    return top, rows, left, columns


def repeat(sheet: Sheet, body: Body, mask: Mask) -> None:
    top, bottom, left, right = bounds(sheet, body.get("range", {}))
    for row in range(top, bottom):
        for column in range(left, right):
            _write(sheet, row, column, body.get("cell", {}), mask)
    tidy(sheet)


def set_validation(sheet: Sheet, body: Body, _: Mask) -> None:
    """Without a rule the validation goes away."""
    rule = {"dataValidation": body["rule"]} if "rule" in body else {}
    repeat(sheet, {"range": body.get("range", {}), "cell": rule}, {"dataValidation": {}})


def keep_top_left(sheet: Sheet, top: int, bottom: int, left: int, right: int) -> None:
    """A merge keeps one value."""
    for row in range(top, bottom):
        for column in range(left, right):
            if (row, column) != (top, left) and cell_at(sheet, row, column):
                _write(sheet, row, column, {}, {"userEnteredValue": {}})
    tidy(sheet)


def _clear(sheet: Sheet, row: int, left: int, right: int, mask: Mask) -> None:
    rows = sheet["data"][0].get("rowData", [])
    filled = len(rows[row].get("values", [])) if row < len(rows) else 0
    for column in range(left, min(right, filled)):
        _write(sheet, row, column, {}, mask)


def _write(sheet: Sheet, row: int, column: int, cell: Cell, mask: Mask) -> None:
    present = cell_at(sheet, row, column)
    changed = _masked(present, cell, dict(_WHOLE) if "*" in mask else mask)
    entered = changed.get("userEnteredValue", {})
    if len(entered) > 1:
        raise GridError(f"oneof field 'value' is already set. Cannot set '{list(entered)[1]}'")
    if "errorValue" in entered:
        raise GridError("Setting errorValue is not supported.")
    text = entered.get("stringValue", "") or entered.get("formulaValue", "")
    if len(text) > MOST_CHARACTERS:
        raise GridError(f"Your input contains more than the maximum of {MOST_CHARACTERS} characters in a single cell.")
    if entered == {"stringValue": ""}:
        changed.pop("userEnteredValue")
    if "numberValue" in entered:
        changed["userEnteredValue"] = {"numberValue": plain(entered["numberValue"])}
    same = changed.get("userEnteredValue") == present.get("userEnteredValue")
    result = present.get("effectiveValue") if same and "formulaValue" in entered else None
    made = refresh(changed, result)
    if made or present:
        put_cell(sheet, row, column, made)


def _masked(present: dict[str, Any], wanted: dict[str, Any], mask: Mask) -> dict[str, Any]:
    """`present` with what the mask names taken from `wanted`; what's not there goes away."""
    changed = dict(present)
    for name, inner in mask.items():
        if inner and "*" not in inner:
            below = _masked(changed.get(name, {}), wanted.get(name, {}), inner)
            changed[name] = below
        elif name in wanted:
            changed[name] = wanted[name]
            continue
        else:
            changed.pop(name, None)
        if changed.get(name) == {}:
            changed.pop(name)
    return changed
