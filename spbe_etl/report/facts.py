"""What a report says of one institution: rows of the published tables, put together by year and by OPD."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from spbe_etl.instruments import Instrument, Predicate, load_instruments
from spbe_etl.publishing import Publication
from spbe_etl.report.inventory import Grouped, Inventory, by_worksheet, gather_inventory, is_inventory
from spbe_etl.resources import seed
from spbe_etl.warehouse import sql

Row = Mapping[str, Any]
STAGE_ORDER = [row["stage"] for row in seed("stage")]
NEXT_STEPS = 5


@dataclass(frozen=True)
class Standing:
    """The year and stage that a report is about, with the instrument that it's measured by."""

    row: Row
    instrument: Instrument

    def __getitem__(self, name: str) -> Any:
        return self.row[name]

    @property
    def is_final(self) -> bool:
        """Whether it's the official result itself."""
        return bool(self.row["stage"] == STAGE_ORDER[-1])

    @property
    def next_predicate(self) -> Predicate | None:
        """The predicate above the one reached; None at the top."""
        return next((one for one in self.instrument.ladder if one.from_index > self.row["index_value"]), None)

    def share(self, value: Decimal) -> Decimal:
        """Where a value stands on the scale, in percent from its left end."""
        low, high = self.instrument.lowest_score, self.instrument.highest_score
        return max(Decimal(0), min(Decimal(100), (value - low) * 100 / (high - low)))


@dataclass(frozen=True)
class Opd:
    """One OPD: its row of every year, newest first, and what else is said of it."""

    code: str
    name: str
    years: Sequence[Row]
    answers: Sequence[Row]
    findings: Sequence[Row]
    blockers: Sequence[Row]
    steps: Sequence[Row]
    nights: Sequence[Row]

    @property
    def latest(self) -> Row:
        """Its row of the latest year."""
        return self.years[0]

    @property
    def missing(self) -> list[Row]:
        """What it's asked for in the latest year and hasn't answered."""
        asked = (one for one in self.answers if one["year"] == self.latest["year"] and one["role"] != "supporter")
        return [one for one in asked if one["answer"] == "no_answer"]

    @property
    def critical(self) -> list[Row]:
        """Rows that were rejected, of inventories too."""
        return [one for one in self.findings if one["severity"] == "critical"]

    @property
    def warnings(self) -> list[Row]:
        """Findings of rows that count all the same, of inventories too."""
        return [one for one in self.findings if one["severity"] != "critical"]

    @property
    def to_mend(self) -> list[Row]:
        """Rows that were rejected, of anything but inventories."""
        return [one for one in self.critical if not is_inventory(one)]

    @property
    def notes(self) -> list[Row]:
        """Findings of rows that count all the same, of anything but inventories."""
        return [one for one in self.warnings if not is_inventory(one)]

    @property
    def inventory_findings(self) -> Mapping[str, Sequence[Grouped]]:
        """What's found in its inventories, by worksheet: it comes after what's found of its scores."""
        return by_worksheet(self.findings)

    def points_held(self, year: int) -> Decimal:
        """Points of a year's index that would be free if all OPD at its gates of that year rose."""
        return sum((one["points_together"] for one in self.blockers if one["year"] == year), Decimal(0))


@dataclass(frozen=True)
class Facts:
    """Everything that an institution's report says.

    `shown_years`: the latest year that OPD answer, per instrument. `pending`: indicators whose score another agency
    still has to give.
    """

    institution: Row
    standing: Standing
    standings: Sequence[Row]
    years: Sequence[Row]
    nights: Sequence[Row]
    parts: Sequence[Row]
    compared: Sequence[Row]
    steps: Sequence[Row]
    pending: Sequence[str]
    next_steps: Sequence[Row]
    moved: Sequence[Row]
    blockers: Sequence[Row]
    answers: Sequence[Row]
    findings: Sequence[Row]
    failed: Sequence[Row]
    opd: Sequence[Opd]
    shown_years: Sequence[int]
    inventory: Inventory

    @property
    def has_domains(self) -> bool:
        """Whether any part shown is a domain: Pemdi has none."""
        return any(row["level"] == "domain" for row in (*self.parts, *self.compared))

    @property
    def held_year(self) -> int:
        """The latest year of those shown in which an OPD holds a gate."""
        return max((one["year"] for one in self.blockers), default=self.shown_years[0])

    @property
    def night(self) -> date:
        """The night that the report is of."""
        night: date = self.institution["snapshot_on"]
        return night


def institutions(publication: Publication, code: str | None = None) -> list[dict[str, Any]]:
    """Institutions in the publication, all or one."""
    return publication.rows(sql("report/institution"), {"institution": code})


def standings(publication: Publication, code: str | None = None) -> dict[str, list[Row]]:
    """Every year and stage on an institution's latest night, by institution, of all or one."""
    found: dict[str, list[Row]] = {}
    for row in publication.rows(sql("report/standing"), {"institution": code}):
        found.setdefault(row["institution_code"], []).append(row)
    return found


def headline(rows: Sequence[Row]) -> Row:
    """Which year and stage a report is about: that of the path to the target, else the latest."""
    return max(rows, key=lambda row: (row["is_planned"], row["year"], STAGE_ORDER.index(row["stage"])))


def gather(publication: Publication, institution: Row, told: Sequence[Row]) -> Facts:
    """An institution's facts. `told`: its standings, one at least."""
    code = {"institution": institution["institution_code"]}
    chosen = headline(told)
    when = code | {"year": chosen["year"], "stage": chosen["stage"]}

    def rows(name: str, asked: Mapping[str, Any] = code) -> list[dict[str, Any]]:
        return publication.rows(sql(f"report/{name}"), asked)

    compared = rows("compared_year")
    instrument = load_instruments()[chosen["instrument_code"]]
    external = {one.no for one in instrument.indicators if one.is_external}
    steps = rows("steps", when)
    shown_years = _shown_years(told)
    answers, blockers = ([row for row in rows(name) if row["year"] in shown_years] for name in ("answers", "blockers"))
    findings = rows("findings")
    return Facts(
        institution=institution,
        standing=Standing(chosen, instrument),
        standings=told,
        years=publication.rows(sql("export/year"), code | {"only_year": None}),
        nights=publication.rows(sql("export/night"), when),
        parts=rows("parts", when),
        compared=rows("parts", code | compared[0]) if compared else [],
        steps=steps,
        pending=[row["indicator_no"] for row in rows("unanswered", when) if row["indicator_no"] in external],
        next_steps=steps[:NEXT_STEPS] or rows("options", when),
        moved=rows("moved", when),
        blockers=blockers,
        answers=answers,
        findings=findings,
        failed=rows("failed"),
        opd=_opd(
            rows("opd"), answers, findings, blockers, steps, rows("opd_nights", code | {"year": max(shown_years)})
        ),
        shown_years=shown_years,
        inventory=gather_inventory(rows),
    )


def _shown_years(told: Iterable[Row]) -> list[int]:
    """The latest year of each instrument, newest first; those that OPD answer, where there are any."""
    proposed = [row for row in told if row["stage"] == STAGE_ORDER[0]] or list(told)
    latest: dict[str, int] = {}
    for row in proposed:
        latest[row["instrument_code"]] = max(row["year"], latest.get(row["instrument_code"], 0))
    return sorted(latest.values(), reverse=True)


def _opd(
    years: Sequence[Row],
    answers: Sequence[Row],
    findings: Sequence[Row],
    blockers: Sequence[Row],
    steps: Sequence[Row],
    nights: Sequence[Row],
) -> list[Opd]:
    """Every OPD, those that carry most first; what's said of it in years that nobody answers is left out."""
    told = {
        name: _by_opd(rows)
        for name, rows in {
            "answers": answers,
            "findings": findings,
            "blockers": blockers,
            "steps": steps,
            "nights": nights,
        }.items()
    }
    return [
        Opd(
            code=code,
            name=rows[0]["opd_name"] or code,
            years=rows,
            **{name: by.get(code, []) for name, by in told.items()},
        )
        for code, rows in _by_opd(years).items()
    ]


def _by_opd(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Rows by OPD, in the order they came."""
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row["opd_code"], []).append(row)
    return grouped
