"""CellData: what someone entered, and what Sheets makes of it."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from .formats import plain, serial, shown

Cell = dict[str, Any]
Value = dict[str, Any]
ERROR_TYPES = {
    "#REF!": "REF",
    "#DIV/0!": "DIVIDE_BY_ZERO",
    "#VALUE!": "VALUE",
    "#NAME?": "NAME",
    "#NUM!": "NUM",
    "#N/A": "N_A",
    "#NULL!": "NULL_VALUE",
}
_SHOWN_ERRORS = {kind: text for text, kind in ERROR_TYPES.items()} | {"ERROR": "#ERROR!", "LOADING": "Loading..."}
_ERROR_MESSAGES = {
    "REF": "Reference does not exist.",
    "DIVIDE_BY_ZERO": "Function DIVIDE parameter 2 cannot be zero.",
    "VALUE": "Function ADD parameter 1 expects number values.",
    "NAME": "Unknown range name.",
    "NUM": "Result was not a number.",
    "NULL_VALUE": "Formula parse error.",
}
_HYPERLINK = re.compile(r'=\s*HYPERLINK\(\s*"([^"]+)"(?:\s*[,;]\s*"([^"]*)")?', re.IGNORECASE)
_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_BASE_FORMAT = {
    "backgroundColor": {"red": 1, "green": 1, "blue": 1},
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {"foregroundColor": {}, "fontFamily": "Arial", "fontSize": 10, "bold": False, "italic": False},
}
"""Shared by all cells, never changed in place."""


def value_of(entered: object) -> Value | None:
    """What a person types, as an ExtendedValue; text that starts with = is a formula."""
    if entered is None or entered == "":
        return None
    if isinstance(entered, bool):
        return {"boolValue": entered}
    if isinstance(entered, int | float):
        return {"numberValue": plain(entered)}
    if isinstance(entered, date | datetime | time | timedelta):
        return {"numberValue": serial(entered)}
    text = str(entered)
    return {"formulaValue": text} if text.startswith("=") and len(text) > 1 else {"stringValue": text}


def error_value(text: str) -> Value:
    """The effective value of an error as .xlsx writes it; #N/A carries no message when a formula asks for it."""
    kind = ERROR_TYPES.get(text.upper(), "ERROR")
    error = {"type": kind}
    if kind in _ERROR_MESSAGES:
        error["message"] = _ERROR_MESSAGES[kind]
    return {"errorValue": error}


def refresh(cell: Cell, result: Value | None = None) -> Cell:
    """The cell with everything that follows from what was entered. `result`: of its formula, where known.

    A formula of unknown result is left without one, as Google leaves one that gives empty text.
    """
    entered = cell.get("userEnteredValue")
    form = cell.get("userEnteredFormat", {})
    made = {name: cell[name] for name in ("userEnteredValue", "userEnteredFormat") if cell.get(name)}
    effective, link = _effective(entered or {}, result)
    link = form.get("textFormat", {}).get("link", {}).get("uri") or link
    if effective:
        made["effectiveValue"] = effective
        text = _shown(effective, form.get("numberFormat"))
        if text is not None:
            made["formattedValue"] = text
    if entered or form:
        base = {**_BASE_FORMAT, **{name: form[name] for name in form if name != "textFormat"}}
        if "textFormat" in form:
            base["textFormat"] = {**_BASE_FORMAT["textFormat"], **form["textFormat"]}
        if effective:
            base["hyperlinkDisplayType"] = "LINKED" if link else "PLAIN_TEXT"
        made["effectiveFormat"] = base
    if link and entered:
        made["hyperlink"] = link
    made |= {name: cell[name] for name in ("note", "dataValidation", "textFormatRuns") if cell.get(name)}
    return made


def _effective(entered: Value, result: Value | None) -> tuple[Value | None, str | None]:
    if "formulaValue" in entered:
        found = _HYPERLINK.match(entered["formulaValue"])
        if found and result is None:
            result = {"stringValue": found[2] or found[1]}
        return result, found[1] if found else None
    text = entered.get("stringValue", "")
    return entered or None, text if _URL.fullmatch(text.strip()) else None


def _shown(value: Value, form: dict[str, str] | None) -> str | None:
    if "errorValue" in value:
        return _SHOWN_ERRORS.get(value["errorValue"]["type"], "#ERROR!")
    return shown(value, form)


def plain_value(cell: Cell) -> object:
    """The effective value as text, number or boolean; errors as shown; None for nothing."""
    value = cell.get("effectiveValue", {})
    if "errorValue" in value:
        return _SHOWN_ERRORS.get(value["errorValue"]["type"], "#ERROR!")
    return next(iter(value.values()), None)
