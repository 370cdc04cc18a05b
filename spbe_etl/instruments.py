"""The rules of each evaluation, loaded from seed files and checked before anyone uses them.

An instrument is a folder in `warehouse/seeds/instruments/`; adding one is adding files.
Weights are exact fractions ("10/3"), never floats. Source of the rules: the regulation named in
`instrument.csv`.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm
from pathlib import Path

from spbe_etl.errors import InstrumentError
from spbe_etl.instrument_checks import contradictions
from spbe_etl.resources import SEEDS, read_csv


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

    @property
    def ladder(self) -> tuple[Predicate, ...]:
        """The predicates, lowest first; their file has them from the highest down."""
        return self.predicates[::-1]

    def covers(self, year: int) -> bool:
        """Whether evaluations of `year` use this instrument."""
        return self.first_year <= year and (self.last_year is None or year <= self.last_year)

    @property
    def unit_total(self) -> int:
        """Units that make 100 percent: the smallest number that turns every weight into an integer."""
        return lcm(*((indicator.weight / 100).denominator for indicator in self.indicators))

    def index_of(self, scores: Mapping[str, Fraction]) -> Fraction:
        """The exact index of each indicator's score: sum(score x weight) / 100."""
        weights = {one.no: one.weight for one in self.indicators}
        return sum((score * weights[no] / 100 for no, score in scores.items()), Fraction())

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
    except (ArithmeticError, KeyError, TypeError, ValueError, csv.Error) as error:
        raise InstrumentError(f"{folder}: a file is missing, incomplete or holds a wrong value ({error})") from error
    if problems := list(contradictions(instrument)):
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
