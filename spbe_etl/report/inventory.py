"""What a report says of the inventories: architecture, applications alike, facts beside claims, the roadmap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any

from spbe_etl.inventory.definitions import inventory_worksheets
from spbe_etl.resources import seed

Row = Mapping[str, Any]
DOMAINS: Mapping[str, str] = {row["domain"]: row["worksheet"] for row in seed("object_kind") if row["domain"]}
"""Architecture domain -> its worksheet, in the order of the worksheets."""
COUNTS = ("listed_count", "complete_count", "coded_count", "linked_count")
CHANGES = ("new", "changed", "handed_over", "returned", "retired")
COMPARED = ("claim_above", "claim_below", "agrees")
MOST_CELLS, MOST_DEAR = 12, 3


@dataclass(frozen=True)
class Coverage:
    """How far an OPD's inventories go: a row for each domain."""

    code: str
    domains: Mapping[str, Row]

    @property
    def listed_count(self) -> int:
        """Objects listed, of all domains."""
        return sum(row["listed_count"] for row in self.domains.values())


@dataclass(frozen=True)
class Alike:
    """Applications that are likely the same: a group over several OPD, of one row of what's found."""

    row: Row

    def __getitem__(self, name: str) -> Any:
        return self.row[name]

    @property
    def name(self) -> str:
        """What most of them are called; of equally many the shortest."""
        named: Counter[str] = Counter(one["object_name"] for one in self.row["members"])
        return min(named, key=lambda name: (-named[name], len(name), name))

    @property
    def decision(self) -> str:
        """What people said of its pairs: `same`, `partly` or nothing."""
        if not self.row["same_count"]:
            return ""
        return "same" if self.row["same_count"] == self.row["pair_count"] else "partly"


@dataclass(frozen=True)
class Grouped:
    """Findings that say the same of several cells of a worksheet: the first of them, and the cells."""

    first: Row
    cells: Sequence[str]

    @property
    def count(self) -> int:
        """How many findings they are."""
        return len(self.cells)

    @property
    def others(self) -> Sequence[str]:
        """Cells that the first doesn't name, as many as a page shows."""
        return self.cells[1 : MOST_CELLS + 1]


@dataclass(frozen=True)
class Own:
    """What the inventories say of one OPD. `facts`: of those that its part isn't fulfilled of."""

    coverage: Coverage | None
    overlaps: Sequence[Alike]
    facts: Sequence[Row]
    initiatives: Sequence[Row]

    @property
    def has_objects(self) -> bool:
        """Whether it lists any object of a domain."""
        return self.coverage is not None and self.coverage.listed_count > 0

    @property
    def is_asked(self) -> bool:
        """Whether there's anything to say of it, be it that nothing is listed: an OPD that's gone isn't asked."""
        return self.coverage is not None or bool(self.initiatives)


@dataclass(frozen=True)
class Inventory:
    """What an institution's OPD list, as the published tables tell it. See the queries of the same names."""

    coverage: Sequence[Row]
    sharing: Sequence[Row]
    islands: Sequence[str]
    nights: Sequence[Row]
    changes: Sequence[Row]
    overlaps: Sequence[Alike]
    facts: Sequence[Row]
    opd_facts: Sequence[Row]
    planned: Sequence[Row]
    contents: Sequence[Row]
    initiatives: Sequence[Row]
    steps: Sequence[Row]

    @cached_property
    def opd(self) -> Mapping[str, Coverage]:
        """Every active OPD's coverage by its code; those that list most first."""
        rows = groupby(self.coverage, key=itemgetter("opd_code"))
        found = [Coverage(code, {row["domain"]: row for row in own}) for code, own in rows]
        return {one.code: one for one in sorted(found, key=lambda one: (-one.listed_count, one.code))}

    @property
    def is_empty(self) -> bool:
        """Whether nobody lists anything, nor plans it."""
        return not self.listing and not self.contents

    @property
    def listing(self) -> Sequence[Coverage]:
        """OPD that list any object."""
        return [one for one in self.opd.values() if one.listed_count]

    @property
    def silent(self) -> Sequence[str]:
        """Codes of OPD that list none."""
        return [one.code for one in self.opd.values() if not one.listed_count]

    @cached_property
    def domains(self) -> Sequence[Row]:
        """Each domain over all OPD: how many objects are listed, complete, coded, linked."""
        return [
            {"domain": domain}
            | {name: sum(row[name] for row in self.coverage if row["domain"] == domain) for name in COUNTS}
            for domain in DOMAINS
        ]

    @property
    def has_applications(self) -> bool:
        """Whether any application is listed, so that there's something to compare."""
        return any(row["listed_count"] for row in self.domains if DOMAINS[row["domain"]] == "Aplikasi")

    @property
    def changes_told(self) -> Sequence[str]:
        """In which ways objects changed in the last nights."""
        return [change for change in CHANGES if any(row[f"{change}_count"] for row in self.nights)]

    @property
    def alike_opd(self) -> int:
        """How many OPD have an application that's likely the same as another's."""
        return len({one["opd_code"] for group in self.overlaps for one in group["members"]})

    @property
    def compared(self) -> Sequence[Row]:
        """Facts that can be set beside a claim."""
        return [row for row in self.facts if row["finding"] in COMPARED]

    @property
    def disagreements(self) -> Sequence[Row]:
        """Facts that say something else than the claim."""
        return [row for row in self.compared if row["finding"] != "agrees"]

    @property
    def unheard(self) -> Row | None:
        """The fact that leaves most OPD out, as they list nothing at all; None where all list something."""
        told = [row for row in self.facts if row["silent_opd_count"]]
        return max(told, key=itemgetter("silent_opd_count"), default=None)

    @property
    def plans(self) -> Mapping[str, Sequence[Row]]:
        """Instrument -> its planned years."""
        return {code: list(rows) for code, rows in groupby(self.planned, key=itemgetter("instrument_code"))}

    @property
    def idle(self) -> Sequence[Row]:
        """Initiatives that move no indicator."""
        return [row for row in self.initiatives if not row["moves_indicator"]]

    @property
    def priced(self) -> Sequence[Row]:
        """Initiatives by their budget for a point: the cheapest and the dearest few."""
        known = [row for row in self.initiatives if row["budget_per_point"] is not None]
        return known if len(known) <= 2 * MOST_DEAR else [*known[:MOST_DEAR], *known[-MOST_DEAR:]]

    @property
    def uncovered(self) -> Sequence[Row]:
        """Steps of the cheapest path that no initiative plans in time."""
        return [row for row in self.steps if not row["is_covered"]]

    def of(self, code: str) -> Own:
        """One OPD's part of it."""
        indicators: dict[str, list[str]] = {}
        for row in self.facts:
            indicators.setdefault(row["fact_code"], []).append(row["indicator_no"])
        return Own(
            coverage=self.opd.get(code),
            overlaps=[one for one in self.overlaps if any(m["opd_code"] == code for m in one["members"])],
            facts=[
                {**row, "indicators": indicators[row["fact_code"]]}
                for row in self.opd_facts
                if row["opd_code"] == code and row["part_count"] < row["whole_count"] and row["fact_code"] in indicators
            ],
            initiatives=[row for row in self.initiatives if code in (row["opd_code"], row["owner_opd_code"])],
        )


def gather_inventory(rows: Callable[[str], Sequence[Row]]) -> Inventory:
    """What the inventories of an institution say. `rows`: runs one of the report's queries for it."""
    return Inventory(
        coverage=rows("coverage"),
        sharing=rows("sharing"),
        islands=[row["opd_code"] for row in rows("island")],
        nights=rows("inventory_night"),
        changes=rows("inventory_change"),
        overlaps=[Alike(row) for row in rows("overlap")],
        facts=rows("fact"),
        opd_facts=rows("opd_fact"),
        planned=rows("planned_index"),
        contents=rows("roadmap_content"),
        initiatives=rows("initiative"),
        steps=rows("planned_step"),
    )


def is_inventory(finding: Row) -> bool:
    """Whether a finding is about an inventory, not about scores."""
    return finding["worksheet"] in inventory_worksheets()


def by_worksheet(findings: Iterable[Row]) -> Mapping[str, Sequence[Grouped]]:
    """Findings about inventories by worksheet, in the order of the worksheets, those that say the same together."""
    grouped: dict[str, dict[str, list[Row]]] = {name: {} for name in inventory_worksheets()}
    for row in findings:
        if is_inventory(row):
            grouped[row["worksheet"]].setdefault(row["message"].replace(row["cell"], "", 1), []).append(row)
    return {
        worksheet: [Grouped(rows[0], [row["cell"] for row in rows]) for rows in kinds.values()]
        for worksheet, kinds in grouped.items()
        if kinds
    }
