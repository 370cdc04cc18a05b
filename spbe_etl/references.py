"""What a register's `Spreadsheet` cell names: an id or address at Google, or a file's name."""

from __future__ import annotations

import re

_ADDRESS = re.compile(
    r"https?://(?:docs|drive)\.google\.com/[^\s?#]*?(?:/(?:d|folders)/(?!e/)([\w-]+)|\?(?:\S*&)?(?:id|key)=([\w-]+))",
    re.ASCII | re.IGNORECASE,
)
_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")


def canonical(reference: str) -> str:
    """One spelling for each workbook: the id in an address at Google, anything else as it is."""
    address = _ADDRESS.search(reference)
    return (address[1] or address[2]) if address else reference.strip()


def address_of(found: str) -> str:
    """Where the spreadsheet with an id is opened."""
    return f"https://docs.google.com/spreadsheets/d/{found}/edit"


def is_id(text: str) -> bool:
    """Whether a text can be a spreadsheet's id."""
    return _ID.fullmatch(text) is not None


def spreadsheet_id(reference: str) -> str | None:
    """The id that a reference names, or None if it can't be one.

    It's put into an address as it is, so nothing but the letters of an id is let through.
    """
    found = canonical(reference)
    return found if is_id(found) else None
