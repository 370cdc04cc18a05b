"""One spelling of a cell -> one value, or why it can't be one.

Readers are pure and see distinct spellings, never rows. A reading carries a canonical value, a problem
code, or both (evidence may hold good links and a broken one); rules in `expectations/` give each
problem its severity and its words. Scores, which need an instrument, are read in scores.py.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from types import MappingProxyType
from urllib.parse import urlsplit

from spbe_etl.references import canonical
from spbe_etl.resources import seed

FIGURE_DIGITS, FIGURE_DECIMALS = 8, 10
"""What DECIMAL(18, 10) holds before and after the point."""

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"), " ")
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
NUMBER = r"(?:0|[1-9][0-9]*)(?:[.,][0-9]+|\.)?"
TIME_OF_DAY = r"(?:[01][0-9]|2[0-3])(?::[0-5][0-9]){1,2}"
DASH = "-\u2010\u2011\u2012\u2013\u2014\u2212"


@dataclass(frozen=True)
class Cell:
    """What a source found in a cell. `kind`: text, number, date, boolean, error or formula (uncached)."""

    kind: str
    text: str


@dataclass(frozen=True)
class Reading:
    """A canonical value (empty: none) and a problem code (empty: none)."""

    value: str = ""
    problem: str = ""


BLANK = Reading(problem="blank")
UNREADABLE = Reading(problem="unreadable")


def tidy(text: str) -> str:
    """Text without invisible characters and with single spaces; empty if there's nothing to see."""
    return " ".join(text.translate(_INVISIBLE).split())


def loosen(text: str) -> str:
    """The key by which spellings are equal: letters and digits alone, case aside."""
    folded = unicodedata.normalize("NFKC", text.translate(_INVISIBLE)).casefold()
    return " ".join(re.sub(r"[\W_]+", " ", folded).split())


@cache
def spellings(reader: str) -> Mapping[str, str]:
    """Known spellings of a reader's values, from `seeds/spelling.csv`: loosened spelling -> value."""
    return MappingProxyType(
        {loosen(row["spelling"]): row["value"] for row in seed("spelling") if row["reader"] == reader}
    )


@cache
def _error_texts() -> frozenset[str]:
    return frozenset(row["spelling"] for row in seed("spelling") if row["reader"] == "error")


def unusable(cell: Cell, allowed: tuple[str, ...]) -> Reading | None:
    """Why a cell of this kind can't be read at all, or None if its text can be looked at."""
    text = tidy(cell.text)
    if cell.kind == "error" or text in _error_texts():
        return Reading(problem="error")
    if cell.kind != "formula" and not text:
        return BLANK
    return None if cell.kind in allowed else Reading(problem=cell.kind)


def as_number(cell: Cell) -> str:
    """What a cell says as a number: full-width digits as plain ones; a number cell without its format's zeros."""
    text = tidy(cell.text.translate(FULL_WIDTH))
    return re.sub(r"^0+(?=[0-9])", "", text) if cell.kind == "number" else text


def read_year(cell: Cell) -> Reading:
    """A year of four digits."""
    if problem := unusable(cell, allowed=("text", "number")):
        return problem
    match = re.fullmatch(r"([1-9][0-9]{3})(?:[.,]0*)?", tidy(cell.text.translate(FULL_WIDTH)))
    return Reading(match[1]) if match else UNREADABLE


def read_indicator(cell: Cell) -> Reading:
    """An indicator's number as text: `12`, `35-2`. Whether it exists is the instrument's to say."""
    if problem := unusable(cell, allowed=("text", "number")):
        return problem
    text = tidy(cell.text.translate(FULL_WIDTH))
    match = re.fullmatch(rf"0*([1-9][0-9]{{0,3}})(?:[.,]0*| ?[{DASH}] ?([1-9][0-9]?))?", text)
    if match is None:
        return UNREADABLE
    return Reading(f"{match[1]}-{match[2]}" if match[2] else match[1])


def read_text(cell: Cell) -> Reading:
    """Any text, as it is."""
    return unusable(cell, allowed=("text", "number", "date", "boolean")) or Reading(cell.text.strip())


def read_reference(cell: Cell) -> Reading:
    """Which workbook a register names: a spreadsheet's id, also out of its address, or a file's name."""
    return unusable(cell, allowed=("text", "number", "date", "boolean")) or Reading(canonical(cell.text))


def read_zone(cell: Cell) -> Reading:
    """A time zone by its name, or by what Indonesians call it (WIB, WITA, WIT)."""
    if problem := unusable(cell, allowed=("text",)):
        return problem
    return Reading(spellings("zone").get(loosen(cell.text), tidy(cell.text)))


def read_code(cell: Cell) -> Reading:
    """An identifier: never turned into a number, spaces tidied."""
    return unusable(cell, allowed=("text", "number")) or Reading(tidy(cell.text))


def read_code_list(cell: Cell) -> Reading:
    """Identifiers separated by `;` as a JSON list, each once; `["SEMUA"]` for every active OPD."""
    if problem := unusable(cell, allowed=("text", "number")):
        return problem
    codes = [tidy(part) for part in re.split(r"[;\n]", cell.text)]
    if any(loosen(code) in spellings("everyone") for code in codes):
        return Reading(json.dumps(["SEMUA"]))
    return Reading(json.dumps(list(dict.fromkeys(filter(None, codes))), ensure_ascii=False))


def read_figure(cell: Cell) -> Reading:
    """A published figure with every decimal it came with."""
    if problem := unusable(cell, allowed=("text", "number")):
        return problem
    text = as_number(cell)
    whole, _, decimals = text.replace(",", ".").partition(".")
    if not re.fullmatch(NUMBER, text) or len(whole) > FIGURE_DIGITS or len(decimals) > FIGURE_DECIMALS:
        return UNREADABLE
    return Reading(f"{whole}.{decimals}".rstrip("."))


def read_date(cell: Cell) -> Reading:
    """A day as ISO text, from a date cell or from a full date written in Indonesian or ISO order."""
    if problem := unusable(cell, allowed=("text", "date")):
        return problem
    text = tidy(cell.text)
    if match := re.fullmatch(rf"([12][0-9]{{3}})[-/]([0-9]{{1,2}})[-/]([0-9]{{1,2}})(?:[T ]{TIME_OF_DAY})?", text):
        return _day(match[1], match[2], match[3])
    if match := re.fullmatch(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([12][0-9]{3})", text):
        return _day(match[3], match[2], match[1])
    if match := re.fullmatch(r"(?:[^\W\d]{4,9},? )?([0-9]{1,2})[- ][^\W\d]{3,9}\.?[- ]([12][0-9]{3})", text):
        found = _parse_words(text)
        if found is not None and (found.day, found.year) == (int(match[1]), int(match[2])):
            return Reading(found.date().isoformat())
    return UNREADABLE


def _day(year: str, month: str, day: str) -> Reading:
    try:
        return Reading(date(int(year), int(month), int(day)).isoformat())
    except ValueError:
        return UNREADABLE


def _parse_words(text: str) -> datetime | None:
    import dateparser  # a third of a second to import, and most nights have no date in words

    settings = {
        "DATE_ORDER": "DMY",
        "PARSERS": ["absolute-time"],
        "STRICT_PARSING": True,
        "REQUIRE_PARTS": ["day", "month", "year"],
    }
    found: datetime | None = dateparser.parse(text, languages=["id", "en"], settings=settings)
    return found


def read_links(cell: Cell) -> Reading:
    """The well-formed links of a cell as a JSON list, each once; the problem tells of a broken one."""
    if refusal := unusable(cell, allowed=("text",)):
        return refusal
    words = [_bare_link(word) for word in re.split(r"[\s;|]+|,(?=\s*https?:)", cell.text.translate(_INVISIBLE))]
    links = list(dict.fromkeys(word for word in words if _is_link(word)))
    broken = any(re.match(r"(?i)[a-z][a-z0-9+.-]*:/|www\.", word) for word in words if not _is_link(word))
    problem = "malformed" if broken or not links else ""
    return Reading(json.dumps(links, ensure_ascii=False) if links else "", problem)


def _bare_link(word: str) -> str:
    """A word without the brackets and quotes around it; a bracket that the link itself opens stays."""
    word = word.strip("<>\"',").lstrip("([")
    for opening, closing in ("()", "[]"):
        while word.endswith(closing) and word.count(closing) > word.count(opening):
            word = word[:-1]
    return word.rstrip("\"',")


def _is_link(word: str) -> bool:
    try:
        parts = urlsplit(word)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    labels = host.split(".")
    return (
        parts.scheme in ("http", "https")
        and parts.username is None
        and len(labels) > 1
        and all(re.fullmatch(r"(?!-)[\w-]{1,63}(?<!-)", label) for label in labels)
        and word.isprintable()
        and len(word) <= 2000
    )


def read_part(cell: Cell) -> Reading:
    """Which part a published figure is about: `Indeks`, `Domain 2`, `Aspek 5`, `Indikator 12`."""
    if problem := unusable(cell, allowed=("text",)):
        return problem
    if whole := spellings("part").get(loosen(cell.text)):
        return Reading(whole)
    word, _, no = tidy(cell.text).partition(" ")
    kind, number = spellings("part_word").get(loosen(word)), read_indicator(Cell("text", no)).value
    if kind is None or not number or (kind != "Indikator" and "-" in number):
        return UNREADABLE
    return Reading(f"{kind} {number}")


def lookup(reader: str) -> Callable[[Cell], Reading]:
    """A reader of one of the fixed lists in `seeds/spelling.csv`."""

    def read(cell: Cell) -> Reading:
        """A value of a fixed list, by any of its known spellings."""
        if problem := unusable(cell, allowed=("text", "boolean")):
            return problem
        value = spellings(reader).get(loosen(cell.text))
        return Reading(value) if value else UNREADABLE

    return read


def read_instrument(cell: Cell) -> Reading:
    """An instrument's code, spelled in any case and with any separator; whether it exists is checked later."""
    if problem := unusable(cell, allowed=("text",)):
        return problem
    code = loosen(cell.text).replace(" ", "-")
    return Reading(code) if code else UNREADABLE


READERS: Mapping[str, Callable[[Cell], Reading]] = MappingProxyType(
    {
        "code": read_code,
        "code_list": read_code_list,
        "date": read_date,
        "figure": read_figure,
        "indicator": read_indicator,
        "instrument": read_instrument,
        "links": read_links,
        "part": read_part,
        "reference": read_reference,
        "stage": lookup("stage"),
        "text": read_text,
        "year": read_year,
        "yes_no": lookup("yes_no"),
        "zone": read_zone,
    }
)
