"""Three nights with faults of every kind at random times: the right figures, or the last good ones named as such.

A seed is a schedule. What a night must come to is computed on the same contents without any fault.
"""

from __future__ import annotations

import logging
import math
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import google.auth._exponential_backoff
import pytest
from conftest import INTERNAL, NIGHT, District, Mart, Nights, Ran, Row, answer, penilaian
from google_nights import HURRIED, IMPATIENT, MOVING_COLUMNS, Town, open_town, published, secrets_in
from sheets_server import Fault
from sheets_server.calls import KINDS

YEAR = 2025
OPD = "abcde"
UNMOVED = "c"
"""The OPD whose answers stay as they are."""
NIGHTS = 3
IN_TEST, IN_PROVE = range(7), range(100, 300)
MOST_SECONDS = 30
"""Real ones, of a night in which nobody waits for the next try; a fifth of it where nothing else is going on."""
CARRIED = {
    name: [no for no in range(1, 48) if no not in (13, 16, 17, 18, 20, 21, 22, 23, 24, 26, 27)][at * 7 :][:7]
    for at, name in enumerate(OPD)
}
Versions = tuple[int | None, ...]
"""Of each OPD the night whose content is in force; None: never read."""


def rows(name: str, number: int) -> list[Row]:
    """What an OPD answers on a night: something moves every night but for one OPD, some of it is wrong or missing."""
    scores: list[object] = [1 + (at + number * (name != UNMOVED) + ord(name)) % 5 for at in range(7)]
    if name == "a":
        scores[6] = ["tiga", None, "#REF!"][number]
    if name == "b" and number == 1:
        scores[0] = 7
    links = f"https://bukti.contoh.id/{name}/{number if name != UNMOVED else 0}"
    return [answer(YEAR, no, score, links) for no, score in zip(CARRIED[name], scores, strict=True)]


def content(versions: Versions) -> District:
    """The district as it is when each OPD's workbook is that of some night."""
    named = dict(zip(OPD, versions, strict=True))
    return District(
        opd=[(name.upper(), f"Dinas {name.upper()}", "Dinas", name, "Ya") for name in OPD],
        carriers=[("spbe-2020", no, name.upper(), None) for name in OPD for no in CARRIED[name]],
        verdicts=[(YEAR, no, INTERNAL, 2, "Tim", None, None) for no in CARRIED["a"]],
        targets=[(YEAR, 2.6, None)],
        books={name: penilaian(*rows(name, number)) for name, number in named.items() if number is not None},
    )


# --- what a night must come to -------------------------------------------------------------------------------------

OF_TONIGHT = ("index_snapshot", "domain_snapshot", "aspect_snapshot")
IN_FORCE = ("indicator_snapshot", "evidence", "opd_blocker", "official_estimate", "institution")
HISTORY = MOVING_COLUMNS | {"is_stale", "first_seen_on", "last_seen_on", "resolved_on"}
Tables = Mapping[str, list[tuple[Any, ...]]]


def in_force(mart: Mart, on: date) -> Tables:
    """What's published of one night alone, whatever the nights before were."""
    found = {}
    for table in (*OF_TONIGHT, *IN_FORCE, "rejected_row"):
        where = {"rejected_row": "resolved_on IS NULL", **dict.fromkeys(OF_TONIGHT, f"snapshot_on = DATE '{on}'")}
        chosen = mart.rows(f"FROM mart.{table} WHERE {where.get(table, 'true')}")
        found[table] = sorted((tuple(row[name] for name in row if name not in HISTORY) for row in chosen), key=repr)
    return found


COUNTS = ("rows_read", "rows_accepted", "rows_rejected", "rows_blank")


def counts(mart: Mart) -> tuple[int, ...]:
    """Of the latest run."""
    row = mart.rows("FROM mart.run ORDER BY started_at, run_id")[-1]
    return tuple(row[name] for name in COUNTS)


@dataclass
class Expected:
    """Nights without faults on given contents, each computed once."""

    run: Nights
    tables: dict[tuple[Versions, date], tuple[Tables, tuple[int, ...]]] = field(default_factory=dict)
    story: list[Tables] = field(default_factory=list)

    def night(self, versions: Versions, on: date) -> tuple[Tables, tuple[int, ...]]:
        if (versions, on) not in self.tables:
            mart = self.run.fresh()(content(versions), night=on).mart
            self.tables[versions, on] = in_force(mart, on), counts(mart)
        return self.tables[versions, on]

    def whole(self, number: int) -> Tables:
        """Everything that's published when no night so far had a fault."""
        if not self.story:
            run = self.run.fresh()
            for at in range(NIGHTS):
                mart = run(content((at,) * len(OPD)), night=NIGHT + timedelta(days=at), run_id=f"night-{at}").mart
                self.story.append(published(mart))
                on = NIGHT + timedelta(days=at)
                self.tables[(at,) * len(OPD), on] = in_force(mart, on), counts(mart)
        return self.story[number]


@pytest.fixture(scope="module")
def expected(module_run: Nights) -> Expected:
    made = Expected(module_run)
    made.whole(0)
    return made


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The workbooks of each night as files."""
    root = tmp_path_factory.mktemp("nights")
    return [content((number,) * len(OPD)).write_xlsx(root / f"night-{number}") for number in range(NIGHTS)]


# --- faults --------------------------------------------------------------------------------------------------------


def schedule(town: Town, chance: random.Random) -> list[list[Fault]]:
    """One to fifteen faults over the nights."""
    targets = [None, None, "/drive/", "/v4/", "/token", *town.ids.values()]
    nights: list[list[Fault]] = [[] for _ in range(NIGHTS)]
    for _ in range(chance.randint(1, 15)):
        kind = chance.choice(sorted(KINDS))
        fault = Fault(kind, chance.choice(targets), chance.choice([1, 1, 1, 2, 4, 9, math.inf]))
        if kind.startswith("429"):
            fault.retry_after = chance.choice([None, 0, 5, 130, 3600])
        if kind == "slow":
            fault.delay = chance.choice([0.02, 2 * IMPATIENT])
        if kind == "drip":
            fault.delay = 0.02
        chance.choice(nights).append(fault)
    return nights


# --- the nights ----------------------------------------------------------------------------------------------------


@dataclass
class Story:
    """What the nights so far left behind."""

    run: Nights
    town: Town
    expected: Expected
    versions: Versions = (None,) * len(OPD)
    is_clean: bool = True
    was_published: bool = False

    def night(self, number: int, retries: int) -> None:
        on = NIGHT + timedelta(days=number)
        path = self.run.settings.published_path
        before = path.read_bytes() if path.exists() else None
        self.town.server.calls.clear()
        source = self.town.source(HURRIED, timeout_seconds=IMPATIENT, retries=retries)
        began = time.monotonic()
        ran = self.run(source, night=on, run_id=f"night-{number}")
        assert time.monotonic() - began < MOST_SECONDS
        assert source.api_calls == self.town.server.count() < 200
        assert not secrets_in(f"{ran.outcome!r}")
        self.check_failures(ran)
        failed = {one.opd_code for one in ran.outcome.failures}
        if ran.outcome.failures != () and failed == {None} and not self.was_published and ran.published is None:
            self.check_nothing(ran, before)
            return
        self.versions = tuple(
            known if name.upper() in failed else number for name, known in zip(OPD, self.versions, strict=True)
        )
        if ran.outcome.exit_code == 20:
            assert len(failed - {None}) * 2 > len(OPD)
            self.check_nothing(ran, before)
        else:
            self.check_published(ran, number, on, failed)

    def check_nothing(self, ran: Ran, before: bytes | None) -> None:
        """What was published stays as it was."""
        path = self.run.settings.published_path
        assert (ran.outcome.exit_code, ran.outcome.published) == (20, None)
        assert (path.read_bytes() if path.exists() else None) == before
        self.is_clean = False

    def check_failures(self, ran: Ran) -> None:
        """Each by name, in words for people."""
        names = {self.town.ids[name]: name.upper() for name in OPD} | {self.town.register_id: None}
        for one in ran.outcome.failures:
            assert names[one.workbook] == one.opd_code
            assert one.reason.startswith(one.workbook)
            assert one.reason.isprintable()
        assert len({one.workbook for one in ran.outcome.failures}) == len(ran.outcome.failures)

    def check_published(self, ran: Ran, number: int, on: date, failed: set[str | None]) -> None:
        """Figures from the contents in force, whatever it took to read them."""
        mart = ran.mart
        tables, row_counts = self.expected.night(self.versions, on)
        found = in_force(mart, on)
        for table in tables:
            assert found[table] == tables[table], table
        assert counts(mart) == row_counts
        assert row_counts[0] == sum(row_counts[1:])
        told = {(row["opd_code"], row["reason"]) for row in mart.rows("FROM mart.failed_workbook")}
        assert told == {(one.opd_code, one.reason) for one in ran.outcome.failures}
        stand_in = {name.upper() for name, known in zip(OPD, self.versions, strict=True) if known is not None} & failed
        stale = mart.values(f"SELECT opd_code FROM mart.opd_snapshot WHERE is_stale AND snapshot_on = DATE '{on}'")
        assert set(stale) == stand_in
        assert ran.outcome.exit_code == (10 if failed else 0)
        self.is_clean = self.is_clean and not failed
        self.was_published = True
        if self.is_clean:
            assert published(mart) == self.expected.whole(number)


def live(seed: int, run: Nights, folders: Sequence[Path], expected: Expected) -> None:
    """All nights of one schedule."""
    chance = random.Random(seed)
    town = open_town(folders[0])
    with town.server:
        story = Story(run, town, expected)
        for number, faults in enumerate(schedule(town, chance)):
            if number:
                town.refill(folders[number], (name for name in OPD if name != UNMOVED))
            town.server.faults[:] = faults
            story.night(number, retries=chance.choice([0, 3, 8]))
            town.server.faults.clear()
            if chance.random() < 0.7:
                town.server.revoked.clear()


@pytest.fixture(autouse=True)
def quick_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """google-auth waits a second or two before it asks for a token again."""
    monkeypatch.setattr(google.auth._exponential_backoff, "time", SimpleNamespace(sleep=lambda seconds: None))


def check_logs(caplog: pytest.LogCaptureFixture) -> None:
    assert not [found for record in caplog.records for found in secrets_in(f"{record.getMessage()} {vars(record)}")]


@pytest.mark.parametrize("seed", IN_TEST)
def test_faults_change_no_figure_unsaid(
    run: Nights, folders: Sequence[Path], expected: Expected, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    caplog.set_level(logging.DEBUG)
    live(seed, run, folders, expected)
    check_logs(caplog)


@pytest.mark.prove
@pytest.mark.parametrize("seed", IN_PROVE)
def test_faults_change_no_figure_unsaid_at_length(
    run: Nights, folders: Sequence[Path], expected: Expected, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    caplog.set_level(logging.DEBUG)
    live(seed, run, folders, expected)
    check_logs(caplog)


def test_the_schedules_hold_every_kind_of_fault_and_target(folders: Sequence[Path]) -> None:
    """Also where only the short count is run."""
    town = open_town(folders[0])
    faults = [one for seed in (*IN_TEST, *IN_PROVE) for night in schedule(town, random.Random(seed)) for one in night]
    assert {one.kind for one in faults} == KINDS
    assert {one.match for one in faults} >= {None, "/drive/", "/v4/", "/token", *town.ids.values()}
    assert {one.kind for seed in IN_TEST for night in schedule(town, random.Random(seed)) for one in night} == KINDS
