"""How a report speaks: its words, figures and days in its language, and text from cells made harmless to look at.

Words: `seeds/report_text.csv`, one column for each language.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape

from spbe_etl.display import figure, number, short_name
from spbe_etl.references import address_of, is_id
from spbe_etl.resources import seed

LANGUAGES = ("id", "en")
DECIMAL_MARKS = {"id": ",", "en": "."}
LONGEST_TEXT, LONGEST_NAME, LONGEST_CODE = 400, 140, 40
SHORTEST_ID = 25
"""Ids of spreadsheets have 44 characters; a file's name hardly ever looks like one."""
LONGEST_FILE_NAME = 100
LONGEST_PIECE = 12
TAKEN = {"INDEX", "CON", "PRN", "AUX", "NUL", *(f"{port}{no}" for port in ("COM", "LPT") for no in range(10))}
"""Names of our own page and of Windows' devices."""


@cache
def texts(language: str) -> Mapping[str, str]:
    """Our words by name."""
    return {row["name"]: row[language] for row in seed("report_text")}


@dataclass(frozen=True)
class Speech:
    """Words, figures and days in one language, as a template uses them."""

    language: str

    def __call__(self, name: str, **values: object) -> Markup:
        """One of our texts; what's put into it is text, whatever it holds."""
        return Markup(escape(texts(self.language)[name])).format(**values)

    def name_of(self, kind: str, key: object) -> Markup:
        """What people call a stage, a cause, a role: the text `kind_key`, else the key itself."""
        told = texts(self.language).get(f"{kind}_{key}")
        return escape(told if told is not None else plain(key))

    def num(self, value: Decimal | int | None, digits: int = 2, sign: bool = False) -> Markup:
        """A figure rounded for display; the exact one goes with it."""
        if value is None:
            return Markup('<span class="none">–</span>')
        shown = number(value, digits, DECIMAL_MARKS[self.language]).replace("-", "−")
        plus = "+" if sign and value > 0 else ""
        return Markup('<data value="{}">{}{}</data>').format(f"{Decimal(value):f}", plus, shown)

    def level(self, value: Decimal | None) -> Markup:
        """A score with the decimals that it has."""
        if value is None:
            return Markup('<span class="none">–</span>')
        return Markup('<data value="{}">{}</data>').format(f"{value:f}", figure(value, DECIMAL_MARKS[self.language]))

    def points(self, value: Decimal | None) -> Markup:
        """Points of the index that something brings: two decimals, more where two would show none."""
        digits = 2 if value is None or abs(value) >= Decimal("0.01") or value == 0 else 4
        return self.num(value, digits, sign=True)

    def money(self, value: Decimal | None) -> Markup:
        """Rupiah in thousands, millions and so on, as people say large amounts; the exact amount goes with it."""
        if value is None:
            return Markup('<span class="none">–</span>')
        amount, word = value, ""
        for larger in texts(self.language)["thousands"].split(";"):
            if abs(round(amount, 2)) < 1000:
                break
            amount, word = amount / 1000, f" {larger}"
        shown = figure(Decimal(number(amount, 2, ".")), DECIMAL_MARKS[self.language])
        return Markup('<data value="{}">Rp{}{}</data>').format(f"{value:f}", shown, word)

    def own_fact(self, row: Mapping[str, Any]) -> Markup:
        """What an OPD's part of a fact is: yes or no for one, how many of several."""
        fact = self.name_of("fact", row["fact_code"])
        if row["whole_count"] == 1:
            return self("own_fact", fact=fact)
        return self("own_fact_part", fact=fact, part=row["part_count"], whole=row["whole_count"])

    def short_day(self, value: date) -> str:
        """A day of this year in a table."""
        return f"{value.day} {texts(self.language)['months'].split(';')[value.month - 1][:3]}"

    def day(self, value: date | None) -> str:
        """A day as people write it."""
        if value is None:
            return "–"
        return f"{value.day} {texts(self.language)['months'].split(';')[value.month - 1]} {value.year}"


def plain(value: object, longest: int = LONGEST_TEXT) -> str:
    """Text from a cell in one line, without marks that turn what follows around, cut where it goes on and on."""
    text = "" if value is None else str(value)[: 4 * longest]
    text = "".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFC", text) if not _turns(c))
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def name(value: object) -> str:
    """A name from a cell."""
    return plain(value, LONGEST_NAME)


def code(value: object) -> Markup:
    """A code from a cell, in its own direction; a long one may break into lines."""
    text = plain(value, LONGEST_CODE)
    pieces = (text[start : start + LONGEST_PIECE] for start in range(0, len(text), LONGEST_PIECE))
    return Markup("<bdi class=code>{}</bdi>").format(Markup("<wbr>").join(pieces))


def indicator(value: object) -> str:
    """An indicator's name without what all of them have."""
    return short_name(plain(value))


def file_name(text: str) -> str:
    """A code as a file or folder name that no system reads as anything else; ordinary codes stay as they are."""
    safe = quote(text, safe=" ()+,=@")
    if not safe:
        return "%"
    if safe[-1] in " .":
        safe = safe[:-1] + _encoded(safe[-1])
    if safe[0] in " ." or safe.partition(".")[0].upper() in TAKEN:
        safe = _encoded(safe[0]) + safe[1:]
    if len(safe) > LONGEST_FILE_NAME:
        safe = f"{safe[: LONGEST_FILE_NAME - 17]}~{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    return safe


def _encoded(character: str) -> str:
    return f"%{ord(character):02X}"


def spreadsheet_address(workbook: str | None) -> str | None:
    """Where an OPD's spreadsheet is opened; None for a file."""
    if workbook is None or len(workbook) < SHORTEST_ID or not is_id(workbook):
        return None
    return address_of(workbook)


def _turns(character: str) -> bool:
    return unicodedata.bidirectional(character) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"} or (
        character in "\u200e\u200f\u061c\ufeff\u200b"
    )
