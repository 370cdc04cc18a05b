"""A score cell: `[word] number [name]` -> a score, or why it can't be one. Source: contract, "A score cell"."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from types import MappingProxyType

from spbe_etl.cells import DASH, NUMBER, Cell, Reading, as_number, loosen, unusable
from spbe_etl.instruments import Instrument
from spbe_etl.resources import seed

ROMAN = MappingProxyType({"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5})
_BRACKETS = r"\((?P<round>[^()]*)\)|\[(?P<square>[^\[\]]*)\]"


@dataclass(frozen=True)
class Scale:
    """What a score may be: range, decimals, and the level names of this kind and of the other kinds."""

    lowest: int
    highest: int
    decimals: int
    names: Mapping[str, frozenset[int]]
    other_names: frozenset[str]


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
    if problem := unusable(cell, allowed=("text", "number")):
        return problem
    text = as_number(cell)
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
        rf"(?P<number>{NUMBER}|{'|'.join(sorted(ROMAN, key=len, reverse=True))})"
        rf"(?: ?(?:{_BRACKETS}| ?[{DASH}:] ?(?P<tail>[^\W\d].*)))?"
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
    if re.fullmatch(rf"{NUMBER} ?(?:[{DASH}/~]|s/d|sampai) ?{NUMBER}", text):
        return "range"
    name = loosen(text)
    return "name_alone" if name in scale.names or name in scale.other_names else "unreadable"
