"""spreadsheets.batchUpdate: requests change a copy, which takes the original's place when all went well."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

from . import batch_cells, batch_dimensions, batch_sheets, protection
from .batch_common import Body, Book, RefusedError, mask_of, sheet_of
from .errors import ApiError, bad_request
from .grid import GridError, Sheet, bounds
from .masks import Mask


def apply(book: Book, requests: list[dict[str, Any]], email: str) -> tuple[Book, list[dict[str, Any]]]:
    """The changed spreadsheet and the replies; raises ApiError (400), and then nothing is changed."""
    if not requests:
        raise bad_request("Must specify at least one request.")
    changed: Book = pickle.loads(pickle.dumps(book, -1))
    return changed, [_apply_one(changed, request, index, email) for index, request in enumerate(requests)]


def _apply_one(book: Book, request: dict[str, Any], index: int, email: str) -> dict[str, Any]:
    if len(request) != 1:
        what = (
            "No request set." if not request else f"oneof field 'kind' is already set. Cannot set {list(request)[1]!r}"
        )
        raise bad_request(f"Invalid requests[{index}]: {what}", f"requests[{index}] names {len(request)} kinds")
    ((kind, body),) = request.items()
    apply_kind = KINDS.get(kind)
    if apply_kind is None:
        raise bad_request(f"Invalid requests[{index}].{kind}: not served here", f"{kind} isn't served by this server")
    try:
        protection.refuse(book, kind, body, email)
        reply = apply_kind(book, body) or {}
        if kind == "addProtectedRange":
            batch_sheets.let_edit(reply, email)
        return reply
    except (RefusedError, GridError) as error:
        violation = getattr(error, "violation", "")
        raise bad_request(f"Invalid requests[{index}].{kind}: {error}", violation) from error
    except ApiError as error:
        raise bad_request(f"Invalid requests[{index}].{kind}: {error}", error.violation) from error


def _merge_cells(book: Book, body: Body) -> None:
    area = body.get("range", {})
    sheet = sheet_of(book, area.get("sheetId", 0))
    if body.get("mergeType", "MERGE_ALL") != "MERGE_ALL":
        raise RefusedError("not served here", f"mergeCells: {body['mergeType']} isn't served by this server")
    top, bottom, left, right = bounds(sheet, area)
    batch_cells.keep_top_left(sheet, top, bottom, left, right)
    named = {"startRowIndex": top, "endRowIndex": bottom, "startColumnIndex": left, "endColumnIndex": right}
    sheet_id = sheet["properties"]["sheetId"]
    sheet.setdefault("merges", []).append({**({"sheetId": sheet_id} if sheet_id else {}), **named})


def _unmerge_cells(book: Book, body: Body) -> None:
    """Every merge that lies wholly in the range is undone; one that reaches out of it is refused, as Google does."""
    area = body["range"]
    sheet = sheet_of(book, area.get("sheetId", 0))
    top, bottom, left, right = bounds(sheet, area)
    kept = []
    for merge in sheet.get("merges", []):
        rows = range(max(top, merge["startRowIndex"]), min(bottom, merge["endRowIndex"]))
        columns = range(max(left, merge["startColumnIndex"]), min(right, merge["endColumnIndex"]))
        size = (merge["endRowIndex"] - merge["startRowIndex"], merge["endColumnIndex"] - merge["startColumnIndex"])
        if not rows or not columns:
            kept.append(merge)
        elif (len(rows), len(columns)) != size:
            raise RefusedError("invalid", "You must select all cells in a merged range to merge or unmerge them.")
    sheet["merges"] = kept
    if not kept:
        del sheet["merges"]


def _in_cells(change: Callable[[Sheet, Body, Mask], None], place: str) -> Callable[[Book, Body], None]:
    """A change of cells: the sheet is found and the mask read before it starts."""

    def applied(book: Book, body: Body) -> None:
        area = body.get(place) or body.get("start") or {}
        sheet = sheet_of(book, area.get("sheetId", 0))
        mask = {} if change is batch_cells.set_validation else mask_of(body, "CellData")
        change(sheet, body, mask)

    return applied


KINDS: dict[str, Callable[[Book, Body], dict[str, Any] | None]] = {
    "addSheet": batch_sheets.add_sheet,
    "deleteSheet": batch_sheets.delete_sheet,
    "updateSheetProperties": batch_sheets.update_sheet_properties,
    "updateSpreadsheetProperties": batch_sheets.update_spreadsheet_properties,
    "updateCells": _in_cells(batch_cells.update, "range"),
    "repeatCell": _in_cells(batch_cells.repeat, "range"),
    "setDataValidation": _in_cells(batch_cells.set_validation, "range"),
    "mergeCells": _merge_cells,
    "unmergeCells": _unmerge_cells,
    "appendDimension": batch_dimensions.append_dimension,
    "insertDimension": batch_dimensions.insert_dimension,
    "deleteDimension": batch_dimensions.delete_dimension,
    "updateDimensionProperties": batch_dimensions.update_dimension_properties,
    "autoResizeDimensions": batch_dimensions.auto_resize,
    "addProtectedRange": batch_sheets.add_protected_range,
    "addConditionalFormatRule": batch_sheets.add_conditional_format,
}
