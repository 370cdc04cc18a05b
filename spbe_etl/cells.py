"""One spelling of a cell -> one value, or why it can't be one.

Readers are pure and see distinct spellings, never rows. A reading carries a canonical value, a problem
code, or both (evidence may hold good links and a broken one); rules in `expectations/` give each
problem its severity and its words. Source of the score grammar: contract, "A score cell".
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from urllib.parse import urlsplit

from spbe_etl.instruments import Instrument
from spbe_etl.resources import seed

ROMAN = MappingProxyType({"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5})
FIGURE_DECIMALS = 10

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"), " ")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_NUMBER = r"(?:0|[1-9][0-9]*)(?:[.,][0-9]+|\.)?"
_BRACKETS = r"\((?P<round>[^()]*)\)|\[(?P<square>[^\[\]]*)\]"
_DASH = "-\u2010\u2011\u2012\u2013\u2014\u2212"


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


@dataclass(frozen=True)
class Scale:
    """What a score may be: range, decimals, and the level names of this kind and of the other kinds."""

    lowest: int
    highest: int
    decimals: int
    names: Mapping[str, frozenset[int]]
    other_names: frozenset[str]


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


def scale_of(instrument: Instrument, kind: str | None) -> Scale:
    """The scale for indicators of a kind; None (indicator unknown) allows the names of every kind."""
    names: dict[str, set[int]] = defaultdict(set)
    for level in instrument.level_names:
        if kind in (None, level.kind):
            names[loosen(level.name)].add(level.level_no)
    others = {loosen(level.name) for level in instrument.level_names} - set(names)
    return Scale(
        lowest=instrument.lowest_score,
        highest=instrument.highest_score,
        decimals=instrument.score_decimals,
        names={name: frozenset(levels) for name, levels in names.items()},
        other_names=frozenset(others),
    )


def widest_scale(instruments: Iterable[Instrument]) -> Scale:
    """For a row whose year names no instrument: what's no score under any instrument is still said."""
    scales = [scale_of(one, None) for one in instruments]
    names: dict[str, frozenset[int]] = {}
    for scale in scales:
        names |= scale.names
    return Scale(
        lowest=min(scale.lowest for scale in scales),
        highest=max(scale.highest for scale in scales),
        decimals=max(scale.decimals for scale in scales),
        names=names,
        other_names=frozenset(),
    )


def read_score(cell: Cell, scale: Scale) -> Reading:
    """Read one cell as a score.

    Blank is a problem, never zero: an unanswered indicator lowers coverage and is shown.
    """
    if problem := _unusable(cell, allowed=("text", "number")):
        return problem
    text = tidy(cell.text.translate(_FULL_WIDTH))
    match = _score_pattern().fullmatch(text)
    if match is None:
        return Reading(problem=_why_no_score(text, scale))
    number = match["number"]
    figure = str(ROMAN[number]) if number in ROMAN else _plain(number)
    score = Decimal(figure)
    if problem := _off_scale(figure, scale):
        return problem
    name = next((part for part in (match["round"], match["square"], match["tail"]) if part is not None), None)
    if name is not None and (problem := _wrong_name(loosen(name), score, scale)):
        return problem
    return Reading(figure)


@cache
def _score_pattern() -> re.Pattern[str]:
    words = sorted((row["word"] for row in seed("score_word")), key=len, reverse=True)
    word = "|".join(re.escape(word).replace(r"\ ", " ") for word in words)
    return re.compile(
        rf"(?:(?i:{word})(?: (?=[IV])| ?(?=[0-9])))?"
        rf"(?P<number>{_NUMBER}|{'|'.join(sorted(ROMAN, key=len, reverse=True))})"
        rf"(?: ?(?:{_BRACKETS}| ?[{_DASH}:] ?(?P<tail>[^\W\d].*)))?"
    )


def _plain(number: str) -> str:
    """A number as text without a trailing dot or zeros; text, since Decimal rounds to 28 digits."""
    whole, _, decimals = number.replace(",", ".").partition(".")
    return f"{whole}.{decimals}".rstrip("0").rstrip(".") if decimals else whole


def _off_scale(figure: str, scale: Scale) -> Reading | None:
    if not scale.lowest <= Decimal(figure) <= scale.highest:
        return Reading(problem="out_of_range")
    if len(figure.partition(".")[2]) > scale.decimals:
        return Reading(problem="fraction" if scale.decimals == 0 else "too_many_decimals")
    return None


def _wrong_name(name: str, score: Decimal, scale: Scale) -> Reading | None:
    if score in scale.names.get(name, ()):
        return None
    if name in scale.names:
        return Reading(problem="name_contradicts")
    return Reading(problem="name_of_other_kind" if name in scale.other_names else "unreadable")


def _why_no_score(text: str, scale: Scale) -> str:
    if re.fullmatch(rf"{_NUMBER} ?(?:[{_DASH}/~]|s/d|sampai) ?{_NUMBER}", text):
        return "range"
    name = loosen(text)
    return "name_alone" if name in scale.names or name in scale.other_names else "unreadable"


def _unusable(cell: Cell, allowed: tuple[str, ...]) -> Reading | None:
    text = tidy(cell.text)
    if cell.kind == "error" or text in _error_texts():
        return Reading(problem="error")
    if cell.kind != "formula" and not text:
        return BLANK
    return None if cell.kind in allowed else Reading(problem=cell.kind)


def read_year(cell: Cell) -> Reading:
    """A year of four digits."""
    if problem := _unusable(cell, allowed=("text", "number")):
        return problem
    match = re.fullmatch(r"([1-9][0-9]{3})(?:[.,]0*)?", tidy(cell.text.translate(_FULL_WIDTH)))
    return Reading(match[1]) if match else UNREADABLE


def read_indicator(cell: Cell) -> Reading:
    """An indicator's number as text: `12`, `35-2`. Whether it exists is the instrument's to say."""
    if problem := _unusable(cell, allowed=("text", "number")):
        return problem
    text = tidy(cell.text.translate(_FULL_WIDTH))
    match = re.fullmatch(rf"0*([1-9][0-9]{{0,3}})(?:[.,]0*| ?[{_DASH}] ?([1-9][0-9]?))?", text)
    if match is None:
        return UNREADABLE
    return Reading(f"{match[1]}-{match[2]}" if match[2] else match[1])


def read_text(cell: Cell) -> Reading:
    """Any text, as it is."""
    return _unusable(cell, allowed=("text", "number", "date", "boolean")) or Reading(cell.text.strip())


def read_code(cell: Cell) -> Reading:
    """An identifier: never turned into a number, spaces tidied."""
    return _unusable(cell, allowed=("text", "number")) or Reading(tidy(cell.text))


def read_code_list(cell: Cell) -> Reading:
    """Identifiers separated by `;` as a JSON list, each once; `["SEMUA"]` for every active OPD."""
    if problem := _unusable(cell, allowed=("text", "number")):
        return problem
    codes = [tidy(part) for part in re.split(r"[;\n]", cell.text)]
    if any(loosen(code) in spellings("everyone") for code in codes):
        return Reading(json.dumps(["SEMUA"]))
    return Reading(json.dumps(list(dict.fromkeys(filter(None, codes))), ensure_ascii=False))


def read_figure(cell: Cell) -> Reading:
    """A published figure with every decimal it came with."""
    if problem := _unusable(cell, allowed=("text", "number")):
        return problem
    text = tidy(cell.text.translate(_FULL_WIDTH))
    if not re.fullmatch(_NUMBER, text) or len(text) > 20:
        return UNREADABLE
    figure = text.replace(",", ".").rstrip(".")
    return UNREADABLE if len(figure.partition(".")[2]) > FIGURE_DECIMALS else Reading(figure)


def read_date(cell: Cell) -> Reading:
    """A day as ISO text, from a date cell or from a full date written in Indonesian or ISO order."""
    if problem := _unusable(cell, allowed=("text", "date")):
        return problem
    text = tidy(cell.text)
    try:
        return Reading(date.fromisoformat(text[:10]).isoformat()) if len(text) >= 10 else _written_date(text)
    except ValueError:
        return _written_date(text)


def _written_date(text: str) -> Reading:
    if not re.search(r"(?<![0-9])[12][0-9]{3}(?![0-9])", text) or len(text) > 40:
        return UNREADABLE
    if match := re.fullmatch(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4})", text):
        try:
            return Reading(date(int(match[3]), int(match[2]), int(match[1])).isoformat())
        except ValueError:
            return UNREADABLE
    found = _parse_words(text)
    return UNREADABLE if found is None else Reading(found.date().isoformat())


def _parse_words(text: str) -> datetime | None:
    import dateparser  # a third of a second to import, and most nights have no date in words

    settings = {"DATE_ORDER": "DMY", "STRICT_PARSING": True, "REQUIRE_PARTS": ["day", "month", "year"]}
    found: datetime | None = dateparser.parse(text, languages=["id", "en"], settings=settings)
    return found


def read_links(cell: Cell) -> Reading:
    """The well-formed links of a cell as a JSON list, each once; the problem tells of a broken one."""
    if unusable := _unusable(cell, allowed=("text",)):
        return unusable
    words = [word.strip("<>()[]\"',") for word in re.split(r"[\s;|]+|,(?=\s*https?:)", cell.text.translate(_INVISIBLE))]
    links = list(dict.fromkeys(word for word in words if _is_link(word)))
    broken = any(re.match(r"(?i)[a-z][a-z0-9+.-]*:/|www\.", word) for word in words if not _is_link(word))
    problem = "malformed" if broken or not links else ""
    return Reading(json.dumps(links, ensure_ascii=False) if links else "", problem)


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
    if problem := _unusable(cell, allowed=("text",)):
        return problem
    if whole := spellings("part").get(loosen(cell.text)):
        return Reading(whole)
    word, _, no = tidy(cell.text).partition(" ")
    kind, number = spellings("part_word").get(loosen(word)), read_indicator(Cell("text", no))
    return Reading(f"{kind} {number.value}") if kind and number.value else UNREADABLE


def _lookup(reader: str) -> Callable[[Cell], Reading]:
    def read(cell: Cell) -> Reading:
        """A value of a fixed list, by any of its known spellings."""
        if problem := _unusable(cell, allowed=("text", "boolean")):
            return problem
        value = spellings(reader).get(loosen(cell.text))
        return Reading(value) if value else UNREADABLE

    return read


def read_instrument(cell: Cell) -> Reading:
    """An instrument's code, spelled in any case and with any separator; whether it exists is checked later."""
    if problem := _unusable(cell, allowed=("text",)):
        return problem
    return Reading(loosen(cell.text).replace(" ", "-"))


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
        "stage": _lookup("stage"),
        "text": read_text,
        "year": read_year,
        "yes_no": _lookup("yes_no"),
    }
)
