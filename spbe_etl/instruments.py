"""The rules of each evaluation, loaded from seed files and checked before anyone uses them.

An instrument is a folder in `warehouse/seeds/instruments/`; adding one is adding files.
Weights are exact fractions ("10/3"), never floats. Source of the rules: the regulation named in
`instrument.csv`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm
from pathlib import Path

from spbe_etl.errors import InstrumentError
from spbe_etl.resources import SEEDS, read_csv

KINDS = ("process", "service")
GATE_KINDS = ("practice", "policy")


@dataclass(frozen=True)
class Domain:
    """A top part of the index; `weight` in percent."""

    no: str
    name: str
    weight: Fraction


@dataclass(frozen=True)
class Aspect:
    """A part of a domain, or of the index itself where there are no domains (`domain_no` empty)."""

    no: str
    domain_no: str
    name: str
    weight: Fraction


@dataclass(frozen=True)
class Indicator:
    """What is scored. `kind` decides the level names; a gate asks something of every OPD."""

    no: str
    aspect_no: str
    name: str
    weight: Fraction
    kind: str
    gate_level: int | None
    gate_kind: str
    is_external: bool
    external_index: str
    typical_owner: str


@dataclass(frozen=True)
class Predicate:
    """A name for every index from `from_index` up to the next predicate's."""

    name: str
    from_index: Decimal


@dataclass(frozen=True)
class LevelName:
    """One accepted spelling of a level's name for indicators of a kind."""

    kind: str
    level_no: int
    name: str


@dataclass(frozen=True)
class LevelSummary:
    """What a level asks, in one line of Bahasa Indonesia, and what it asks of every OPD."""

    indicator_no: str
    level_no: int
    summary: str
    all_opd_demand: str


@dataclass(frozen=True)
class Instrument:
    """One evaluation instrument, whole and consistent."""

    code: str
    name: str
    regulation: str
    first_year: int
    last_year: int | None
    lowest_score: int
    highest_score: int
    score_decimals: int
    score_range: str
    note: str
    domains: tuple[Domain, ...]
    aspects: tuple[Aspect, ...]
    indicators: tuple[Indicator, ...]
    predicates: tuple[Predicate, ...]
    level_names: tuple[LevelName, ...]
    level_summaries: tuple[LevelSummary, ...]

    def covers(self, year: int) -> bool:
        """Whether evaluations of `year` use this instrument."""
        return self.first_year <= year and (self.last_year is None or year <= self.last_year)

    @property
    def unit_total(self) -> int:
        """Units that make 100 percent: the smallest number that turns every weight into an integer."""
        return lcm(*((indicator.weight / 100).denominator for indicator in self.indicators))

    def units(self, weight: Fraction) -> int:
        """A weight in percent as a whole number of units of `unit_total`."""
        return int(weight * self.unit_total / 100)


def load_instruments(folder: Path = SEEDS / "instruments") -> dict[str, Instrument]:
    """All instruments by code, checked one by one and against each other.

    Raises InstrumentError with every contradiction found.
    """
    instruments = {path.name: load_instrument(path) for path in sorted(folder.iterdir()) if path.is_dir()}
    years = Counter(year for one in instruments.values() for year in range(one.first_year, (one.last_year or 2100) + 1))
    if shared := sorted(year for year, count in years.items() if count > 1):
        raise InstrumentError(f"{folder}: two instruments claim the year {shared[0]}")
    return instruments


def load_instrument(folder: Path) -> Instrument:
    """One instrument from its folder. Files that it doesn't need may be absent."""

    def rows(name: str) -> list[dict[str, str]]:
        path = folder / f"{name}.csv"
        return read_csv(path) if path.exists() else []

    try:
        (about,) = rows("instrument")
        instrument = Instrument(
            code=folder.name,
            name=about["instrument_name"],
            regulation=about["regulation"],
            first_year=int(about["first_year"]),
            last_year=int(about["last_year"]) if about["last_year"] else None,
            lowest_score=int(about["lowest_score"]),
            highest_score=int(about["highest_score"]),
            score_decimals=int(about["score_decimals"]),
            score_range=about["score_range"],
            note=about["note"],
            domains=tuple(
                Domain(row["domain_no"], row["domain_name"], Fraction(row["weight_pct"])) for row in rows("domain")
            ),
            aspects=tuple(
                Aspect(row["aspect_no"], row["domain_no"], row["aspect_name"], Fraction(row["weight_pct"]))
                for row in rows("aspect")
            ),
            indicators=tuple(_indicator(row) for row in rows("indicator")),
            predicates=tuple(Predicate(row["predicate"], Decimal(row["from_index"])) for row in rows("predicate")),
            level_names=tuple(
                LevelName(row["kind"], int(row["level_no"]), row["level_name"]) for row in rows("level_name")
            ),
            level_summaries=tuple(
                LevelSummary(row["indicator_no"], int(row["level_no"]), row["summary"], row["all_opd_demand"])
                for row in rows("level_summary")
            ),
        )
    except (KeyError, ValueError, ZeroDivisionError) as error:
        raise InstrumentError(f"{folder}: a file is missing, incomplete or holds a wrong value ({error})") from error
    if problems := list(_contradictions(instrument)):
        raise InstrumentError(f"{folder}: " + "; ".join(problems))
    return instrument


def _indicator(row: dict[str, str]) -> Indicator:
    return Indicator(
        no=row["indicator_no"],
        aspect_no=row["aspect_no"],
        name=row["indicator_name"],
        weight=Fraction(row["weight_pct"]),
        kind=row["kind"],
        gate_level=int(row["gate_level"]) if row["gate_level"] else None,
        gate_kind=row["gate_kind"],
        is_external={"yes": True, "no": False}[row["is_external"]],
        external_index=row["external_index"],
        typical_owner=row["typical_owner"],
    )


def _contradictions(one: Instrument) -> Iterable[str]:
    yield from _wrong_weights(one)
    yield from _wrong_numbers(one)
    yield from _wrong_predicates(one)
    yield from _wrong_levels(one)


def _wrong_weights(one: Instrument) -> Iterable[str]:
    if sum(indicator.weight for indicator in one.indicators) != 100:
        yield "the indicators' weights don't sum to 100"
    if one.domains and sum(domain.weight for domain in one.domains) != 100:
        yield "the domains' weights don't sum to 100"
    for aspect in one.aspects:
        if aspect.weight != sum(i.weight for i in one.indicators if i.aspect_no == aspect.no):
            yield f"aspect {aspect.no} weighs other than its indicators"
    for domain in one.domains:
        if domain.weight != sum(aspect.weight for aspect in one.aspects if aspect.domain_no == domain.no):
            yield f"domain {domain.no} weighs other than its aspects"
    for indicator in one.indicators:
        if indicator.weight <= 0:
            yield f"indicator {indicator.no} has no weight"


def _wrong_numbers(one: Instrument) -> Iterable[str]:
    for what, parts in (("domain", one.domains), ("aspect", one.aspects)):
        if [part.no for part in parts] != [str(no) for no in range(1, len(parts) + 1)]:
            yield f"{what} numbers have a gap or are out of order"
    bases = [i.no for i in one.indicators if "-" not in i.no]
    if bases != [str(no) for no in range(1, len(bases) + 1)]:
        yield "indicator numbers have a gap or are out of order"
    numbers = Counter(i.no for i in one.indicators)
    if repeated := [no for no, count in numbers.items() if count > 1]:
        yield f"indicator {repeated[0]} stands twice"
    for extra in (no for no in numbers if "-" in no):
        if not re.fullmatch(r"\d+-[2-9]", extra) or extra.split("-")[0] not in numbers:
            yield f"indicator {extra} extends none"
    if unknown := {i.aspect_no for i in one.indicators} - {aspect.no for aspect in one.aspects}:
        yield f"indicators name unknown aspects {sorted(unknown)}"
    if {aspect.domain_no for aspect in one.aspects} != ({domain.no for domain in one.domains} or {""}):
        yield "aspects name unknown domains, or a domain has no aspect"


def _wrong_predicates(one: Instrument) -> Iterable[str]:
    starts = [predicate.from_index for predicate in one.predicates]
    if starts != sorted(set(starts), reverse=True):
        yield "predicates must stand from the highest down, each start once"
    if not starts or starts[-1] != one.lowest_score or starts[0] > one.highest_score:
        yield "predicates don't cover the scale from its lowest score to its highest"


def _wrong_levels(one: Instrument) -> Iterable[str]:
    used = {indicator.kind for indicator in one.indicators}
    if used - {"", *KINDS}:
        yield f"kinds must be of {KINDS}"
    if unused := {level.kind for level in one.level_names} - used:
        yield f"level names for unused kinds {sorted(unused)}"
    levels = range(one.lowest_score, one.highest_score + 1)
    for kind in {level.kind for level in one.level_names}:
        if {level.level_no for level in one.level_names if level.kind == kind} != set(levels):
            yield f"{kind} level names don't name every level"
    for indicator in one.indicators:
        if (indicator.gate_level is None) != (indicator.gate_kind == ""):
            yield f"indicator {indicator.no} has half a gate"
        elif indicator.gate_level is not None and (
            indicator.gate_kind not in GATE_KINDS or indicator.gate_level not in levels[1:]
        ):
            yield f"indicator {indicator.no} has a gate of an unknown kind or level"
    if one.level_summaries:
        summarised = [(level.indicator_no, level.level_no) for level in one.level_summaries]
        if summarised != [(i.no, level) for i in one.indicators for level in levels]:
            yield "level summaries must cover every level of every indicator, in order"
