"""Any night again: what's published of a past night stays, and comes out of raw the same."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from conftest import FOUR_OPD, INTERNAL, NIGHT, OFFICIAL, District, FakeSource, Mart, Nights, Row, answer, penilaian

from spbe_etl.backfilling import NightAgain
from spbe_etl.composition import run_backfill
from spbe_etl.runs import Request
from spbe_etl.workbooks import Workbook

YEARS = (2024, 2025)
NIGHTLY = {
    "index_snapshot": "SELECT * EXCLUDE (run_id) FROM mart.index_snapshot WHERE snapshot_on = $1",
    "index_as_of": "SELECT * EXCLUDE (run_id) FROM mart.index_as_of($1)",
    "domain_snapshot": "FROM mart.domain_snapshot WHERE snapshot_on = $1",
    "aspect_snapshot": "FROM mart.aspect_snapshot WHERE snapshot_on = $1",
    "index_trend": "FROM mart.index_trend WHERE snapshot_on = $1",
    "index_change": "FROM mart.index_change WHERE snapshot_on = $1",
    "opd_snapshot": "FROM mart.opd_snapshot WHERE snapshot_on = $1",
    "rejected_row": (
        "SELECT * EXCLUDE (workbook, row_no, cell, message, last_seen_on, resolved_on) FROM mart.rejected_row "
        "WHERE first_seen_on <= $1 AND (resolved_on IS NULL OR resolved_on > $1)"
    ),
}
"""What's published of a night, for good."""
SCORES = (1, 2, 3, 4, 5, "3 (Terstandardisasi)", "3-4", "baik", None, "tingkat 2")


class Story:
    """Districts whose OPD, register and workbooks change at random from night to night."""

    def __init__(self, seed: int, codes: Sequence[str] = ("73.01", "18.71")) -> None:
        self.random = random.Random(seed)
        self.books: dict[str, dict[str, list[Row]]] = {code: {name: self._rows() for name in "abc"} for code in codes}
        self.carriers = {code: dict.fromkeys(range(1, 48), "A") for code in codes}
        self.supporters: dict[str, str | None] = dict.fromkeys(codes, "SEMUA")
        self.verdicts: dict[str, list[Row]] = {code: [] for code in codes}
        self.targets: dict[str, list[Row]] = {code: [(2025, "2,63", None)] for code in codes}
        self.inactive: dict[str, set[str]] = {code: set() for code in codes}

    def _rows(self) -> list[Row]:
        return [
            answer(self.random.choice(YEARS), self.random.randint(1, 47), self.random.choice(SCORES)) for _ in range(12)
        ]

    def turn(self) -> None:
        """A day: most things stay."""
        for code in self.books:
            for rows in self.books[code].values():
                if self.random.random() < 0.3:
                    rows[self.random.randrange(len(rows))] = self._rows()[0]
                if self.random.random() < 0.15:
                    rows.append(self._rows()[0])
            if self.random.random() < 0.2:
                self.carriers[code][self.random.randint(1, 47)] = self.random.choice("ABC")
            if self.random.random() < 0.15:
                self.inactive[code] ^= {self.random.choice("BC")}
            if self.random.random() < 0.15:
                self.supporters[code] = self.random.choice(["SEMUA", "B; C", None])
            if self.random.random() < 0.25:
                stage = self.random.choice([INTERNAL, OFFICIAL])
                no, score = self.random.randint(1, 47), self.random.randint(1, 5)
                self.verdicts[code].append(
                    (2025, no, stage, score, "Tim", date(2026, 1, len(self.verdicts[code]) % 28 + 1), None)
                )
            if self.random.random() < 0.1:
                self.targets[code] = [(2025, self.random.choice(["2,63", "3,00"]), None)]

    def source(self) -> FakeSource:
        """Tonight's workbooks; now and then one can't be read."""
        return FakeSource([self._district(code) for code in self.books])

    def _district(self, code: str) -> District:
        books: dict[str, Any] = {name: penilaian(*rows) for name, rows in self.books[code].items()}
        if self.random.random() < 0.2:
            name = self.random.choice("abc")
            books[name] = Workbook(name, ())
        opd = [
            (*row[:4], "Tidak" if row[0] in self.inactive[code] else row[4]) if row[0] in "ABC" else row
            for row in FOUR_OPD
        ]
        return District(
            code,
            opd=opd,
            carriers=[
                ("spbe-2020", no, opd_code, self.supporters[code]) for no, opd_code in self.carriers[code].items()
            ],
            verdicts=self.verdicts[code],
            targets=self.targets[code],
            books=books,
        )


def told(mart: Mart, night: date) -> dict[str, list[tuple[Any, ...]]]:
    """What's published of a night."""
    return {
        name: sorted(mart.connection.execute(query, [night]).fetchall(), key=repr) for name, query in NIGHTLY.items()
    }


def live(run: Nights, seed: int, nights: int) -> dict[date, dict[str, list[tuple[Any, ...]]]]:
    """Nights of a story, some missed, some run twice; what was published of each when it was the latest."""
    story = Story(seed)
    published = {}
    for number in range(nights):
        story.turn()
        if number and story.random.random() < 0.15:
            continue
        night = NIGHT + timedelta(days=number)
        for _ in range(1 + (story.random.random() < 0.2)):
            ran = run(story.source(), night=night, now=datetime(night.year, night.month, night.day, 20, tzinfo=UTC))
            story.turn()
        if ran.outcome.published:
            published[night] = told(ran.mart, night)
    return published


def again(run: Nights, reason: str = "", **days: date) -> list[NightAgain]:
    """A backfill over all nights, or some."""
    request = Request(datetime(2027, 1, 1, tzinfo=UTC), f"again-{next(run.numbers)}")
    first, last = days.get("first", date.min), days.get("last", date.max)
    return run_backfill(run.settings, request, first, last, reason)


def check_history(run: Nights, seed: int, nights: int) -> None:
    published = live(run, seed, nights)
    mart = run.reopen()
    for night, rows in published.items():
        assert told(mart, night) == rows, night
    done = again(run)
    assert {one.state for one in done} <= {"equal", "filled"}, [one for one in done if one.state == "differs"]
    assert {one.snapshot_on for one in done if one.state == "equal"} == set(published)
    mart = run.reopen()
    trend = {"index_trend"}  # a night that was filled in is what the next one is compared with
    for night, rows in published.items():
        found = told(mart, night)
        assert {name: found[name] for name in found if name not in trend} == {
            name: rows[name] for name in rows if name not in trend
        }, night
    assert {one.state for one in again(run)} == {"equal"}


@pytest.mark.parametrize("seed", [1, 2])
def test_every_night_again_is_what_was_published(run: Nights, seed: int) -> None:
    check_history(run, seed, 12)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(100, 104))
def test_sixty_nights_again_are_what_was_published(run: Nights, seed: int) -> None:
    check_history(run, seed, 60)
