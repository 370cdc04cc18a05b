"""Deadlines of the evaluation calendar, as they stand for each institution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from spbe_etl.alerts.facts import EVERYBODY, Place, Rows, read_places, read_published
from spbe_etl.alerts.wording import day, standing, when
from spbe_etl.resources import seed
from spbe_etl.settings import Settings

UPLOAD = "upload"


@dataclass(frozen=True)
class Deadline:
    """A line of `seeds/evaluation_calendar.csv` for one institution, on one day.

    `carrying`: OPD that carry something that year, 0 where nobody has answered yet; `incomplete`: those of them
    that haven't answered it all.
    """

    institution_code: str
    event: str
    year: int
    first_on: date
    last_on: date
    days_left: int
    carrying: int
    incomplete: Sequence[str]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to be done."""
        return self.carrying > 0 and not self.incomplete

    @property
    def is_open(self) -> bool:
        """Whether its weeks have begun and haven't ended."""
        return 0 <= self.days_left <= (self.last_on - self.first_on).days

    @property
    def detail(self) -> dict[str, str]:
        """Words for the texts."""
        told = standing(self.carrying, self.incomplete)
        return {"deadline": day(self.last_on), "when": when(self.days_left), "standing": told}


def deadlines(rows: Rows, places: Mapping[str, Place], now: datetime) -> Iterator[Deadline]:
    """Every institution's deadlines. `rows`: of `alerts/completeness.sql`."""
    completeness = {(row["institution_code"], row["year"]): row for row in rows}
    for code, place in places.items():
        for line in seed("evaluation_calendar") if code != EVERYBODY else ():
            known = completeness.get((code, int(line["year"])))
            last_on = date.fromisoformat(line["last_on"])
            yield Deadline(
                institution_code=code,
                event=line["event"],
                year=int(line["year"]),
                first_on=date.fromisoformat(line["first_on"]),
                last_on=last_on,
                days_left=(last_on - now.astimezone(place.zone).date()).days,
                carrying=known["carrying_count"] if known else 0,
                incomplete=known["incomplete"] if known else (),
            )


def read_deadlines(settings: Settings, now: datetime) -> tuple[list[Deadline], Mapping[str, Place]]:
    """Every published institution's deadlines, and the institutions."""
    rows = read_published(settings)
    places = read_places(settings, rows["institution"])
    return list(deadlines(rows["completeness"], places, now)), places
