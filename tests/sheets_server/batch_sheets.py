"""Requests of batchUpdate about whole sheets, and what a sheet keeps beside its cells."""

from __future__ import annotations

import pickle
import random
from typing import Any

from .batch_common import Body, Book, RefusedError, check_size, mask_of, sheet_of
from .convert import COLUMNS, ROWS, blank_sheet
from .files import OWNER
from .grid import Sheet, bounds, resize, size
from .masks import Mask


def add_sheet(book: Book, body: Body) -> dict[str, Any]:
    wanted = body.get("properties", {})
    used = {one["properties"]["sheetId"] for one in book["sheets"]}
    sheet_id = wanted.get("sheetId")
    if sheet_id is None:
        sheet_id = next(one for one in iter(lambda: random.randrange(1, 2**31 - 1), None) if one not in used)
    elif sheet_id in used:
        raise RefusedError(f"A sheet with ID {sheet_id} already exists. Please enter another ID.")
    elif sheet_id < 0:
        raise RefusedError("Sheet ID must be non-negative.")
    title = wanted.get("title") or f"Sheet{len(book['sheets']) + 1}"
    _check_title(book, title)
    grid = wanted.get("gridProperties", {})
    rows, columns = grid.get("rowCount", ROWS), grid.get("columnCount", COLUMNS)
    index = min(wanted.get("index", len(book["sheets"])), len(book["sheets"]))
    sheet = blank_sheet(sheet_id, title, index, rows, columns)
    book["sheets"].insert(index, sheet)
    check_size(book)
    for name in ("hidden", "rightToLeft", "tabColor", "tabColorStyle"):
        if wanted.get(name):
            sheet["properties"][name] = wanted[name]
    _set_frozen(sheet, grid)
    _number_sheets(book)
    return {"addSheet": {"properties": pickle.loads(pickle.dumps(sheet["properties"]))}}


def delete_sheet(book: Book, body: Body) -> None:
    sheet_id = body.get("sheetId", 0)
    kept = [one for one in book["sheets"] if one["properties"]["sheetId"] != sheet_id]
    if len(kept) == len(book["sheets"]):
        raise RefusedError(f"No sheet with id: {sheet_id}")
    if not any(not one["properties"].get("hidden") for one in kept):
        raise RefusedError("You can't remove all the visible sheets in a document.")
    book["sheets"] = kept
    _number_sheets(book)


def update_sheet_properties(book: Book, body: Body) -> None:
    wanted = body.get("properties", {})
    sheet = sheet_of(book, wanted.get("sheetId", 0))
    mask = mask_of(body, "SheetProperties")
    everything = "*" in mask
    properties = sheet["properties"]
    if everything or "title" in mask:
        title = wanted.get("title", "")
        if title != properties["title"]:
            _check_title(book, title)
        properties["title"] = title
    for name in ("hidden", "rightToLeft", "tabColor", "tabColorStyle"):
        if everything or name in mask:
            properties.pop(name, None)
            if wanted.get(name):
                properties[name] = wanted[name]
    if "hidden" in mask and all(one["properties"].get("hidden") for one in book["sheets"]):
        raise RefusedError("You can't hide all the sheets in a document.")
    if everything or "gridProperties" in mask:
        _update_grid(book, sheet, wanted.get("gridProperties", {}), {} if everything else mask["gridProperties"])
    if "index" in mask:
        book["sheets"].remove(sheet)
        book["sheets"].insert(wanted.get("index", 0), sheet)
        _number_sheets(book)


def _update_grid(book: Book, sheet: Sheet, wanted: Body, mask: Mask) -> None:
    names = mask or dict.fromkeys(("rowCount", "columnCount", "frozenRowCount", "frozenColumnCount"))
    rows, columns = size(sheet)
    rows = wanted.get("rowCount", 0) if "rowCount" in names else rows
    columns = wanted.get("columnCount", 0) if "columnCount" in names else columns
    if rows < 1 or columns < 1:
        raise RefusedError("You can't delete all the rows on the sheet." if rows < 1 else "Invalid column count.")
    if (rows, columns) != size(sheet):
        resize(sheet, rows, columns)
        check_size(book)
    _set_frozen(sheet, {name: wanted.get(name, 0) for name in names if name.startswith("frozen")})


def _set_frozen(sheet: Sheet, grid: Body) -> None:
    rows, columns = size(sheet)
    for name, count in (("frozenRowCount", rows), ("frozenColumnCount", columns)):
        if name not in grid:
            continue
        if grid[name] >= count:
            raise RefusedError("You can't freeze all visible rows on the sheet.")
        sheet["properties"]["gridProperties"].pop(name, None)
        if grid[name]:
            sheet["properties"]["gridProperties"][name] = grid[name]


def update_spreadsheet_properties(book: Book, body: Body) -> None:
    mask, wanted = mask_of(body, "SpreadsheetProperties"), body.get("properties", {})
    for name in ("title", "locale", "timeZone"):
        if name in mask or "*" in mask:
            if not wanted.get(name):
                raise RefusedError(f"Invalid {name}.")
            book["properties"][name] = wanted[name]


def add_protected_range(book: Book, body: Body) -> dict[str, Any]:
    protected = dict(body.get("protectedRange", {}))
    sheet = sheet_of(book, protected.get("range", {}).get("sheetId", 0))
    if "range" in protected:
        bounds(sheet, protected["range"])
    used = {one["protectedRangeId"] for each in book["sheets"] for one in each.get("protectedRanges", [])}
    wanted = protected.get("protectedRangeId")
    if wanted in used:
        raise RefusedError(f"A protected range with ID {wanted} already exists.")
    protected["protectedRangeId"] = wanted or random.randrange(1, 2**31 - 1)
    sheet.setdefault("protectedRanges", []).append(protected)
    return {"addProtectedRange": {"protectedRange": protected}}


def let_edit(reply: dict[str, Any], email: str) -> None:
    """Whoever protects something may edit it, and so may the owner, unless everyone may after a warning."""
    protected = reply["addProtectedRange"]["protectedRange"]
    if not protected.get("warningOnly"):
        users = protected.get("editors", {}).get("users", [])
        protected["editors"] = {**protected.get("editors", {}), "users": list(dict.fromkeys([*users, email, OWNER]))}
    reply["addProtectedRange"] = {"protectedRange": {**protected, "requestingUserCanEdit": True}}


def add_conditional_format(book: Book, body: Body) -> None:
    rule = body.get("rule", {})
    areas = rule.get("ranges", [])
    if not areas:
        raise RefusedError("No ranges specified.")
    sheet = sheet_of(book, areas[0].get("sheetId", 0))
    for area in areas:
        if area.get("sheetId", 0) != sheet["properties"]["sheetId"]:
            raise RefusedError("All ranges must be on the same sheet.")
        bounds(sheet, area)
    if ("booleanRule" in rule) == ("gradientRule" in rule):
        raise RefusedError("Rule must have exactly one of booleanRule and gradientRule.")
    rules = sheet.setdefault("conditionalFormats", [])
    index = body.get("index", 0)
    if not 0 <= index <= len(rules):
        raise RefusedError(f"No conditional format on sheet: {sheet['properties']['sheetId']} at index: {index}")
    rules.insert(index, rule)


def _check_title(book: Book, title: str) -> None:
    if not title:
        raise RefusedError("Sheet title cannot be empty.")
    if len(title) > 100:
        raise RefusedError("Sheet title is too long; the maximum is 100 characters.")
    if any(one["properties"]["title"].lower() == title.lower() for one in book["sheets"]):
        raise RefusedError(f'A sheet with the name "{title}" already exists. Please enter another name.')


def _number_sheets(book: Book) -> None:
    for index, sheet in enumerate(book["sheets"]):
        sheet["properties"]["index"] = index
