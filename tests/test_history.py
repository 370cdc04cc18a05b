"""Any night again: what's published of a past night stays, and comes out of raw the same."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from conftest import FOUR_OPD, INTERNAL, NIGHT, OFFICIAL, District, FakeSource, Mart, Nights, Row, answer, penilaian

from spbe_etl.backfilling import Backfill, NightAgain
from spbe_etl.composition import publish_history, run_backfill
from spbe_etl.errors import ConfigurationError
from spbe_etl.instruments import Instrument, load_instruments
from spbe_etl.night import Night, run_night
from spbe_etl.rollback import roll_back
from spbe_etl.runs import Request
from spbe_etl.versions import current_version
from spbe_etl.warehouse import Warehouse, mart_columns, mart_tables
from spbe_etl.workbooks import Workbook

ONE_OPD = FOUR_OPD[:1]
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


TWO_CODES = ("73.01", "18.71")


class Story:
    """Districts whose OPD, register and workbooks change at random from night to night."""

    def __init__(self, seed: int, codes: Sequence[str] = TWO_CODES) -> None:
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


def live(
    run: Nights, seed: int, nights: int, codes: Sequence[str] = TWO_CODES
) -> dict[date, dict[str, list[tuple[Any, ...]]]]:
    """Nights of a story, some missed, some run twice; what was published of each when it was the latest."""
    story = Story(seed, codes)
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


def check_changes(mart: Mart) -> None:
    """What moved in a night sums to how far the index moved."""
    unlike = mart.rows(
        "WITH night AS (SELECT institution_code, year, stage, snapshot_on, index_exact - lag(index_exact) OVER "
        "(PARTITION BY institution_code, year, stage ORDER BY snapshot_on) AS moved FROM mart.index_snapshot), "
        "change AS (SELECT institution_code, year, stage, snapshot_on, sum(points) AS points FROM mart.index_change "
        "GROUP BY ALL) "
        "SELECT * FROM night FULL JOIN change USING (institution_code, year, stage, snapshot_on) "
        "WHERE coalesce(moved, 0) <> coalesce(points, 0)"
    )
    assert unlike == []


def check_history(run: Nights, seed: int, nights: int) -> None:
    published = live(run, seed, nights)
    mart = run.reopen()
    check_changes(mart)
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


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.prove)])
def test_every_night_again_is_what_was_published(run: Nights, seed: int) -> None:
    check_history(run, seed, 7)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(100, 104))
def test_sixty_nights_again_are_what_was_published(run: Nights, seed: int) -> None:
    check_history(run, seed, 60)


def check_histories(run: Nights, seed: int, institutions: int, nights: int) -> None:
    codes = [f"{number // 90 + 10}.{number % 90 + 10}" for number in range(institutions)]
    live(run, seed, nights, codes)
    mart = run.reopen()
    check_changes(mart)
    assert len(mart.values("SELECT DISTINCT institution_code FROM mart.index_change")) > institutions / 2


def test_changes_of_random_histories_sum_to_the_difference(run: Nights) -> None:
    check_histories(run, 50, institutions=8, nights=3)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(60, 70))
def test_changes_of_fifty_random_histories_sum_to_the_difference(run: Nights, seed: int) -> None:
    check_histories(run, seed, institutions=50, nights=8)


def altered() -> dict[str, Instrument]:
    """Instruments of which one is another: two indicators of one aspect have changed weights."""
    instruments = dict(load_instruments())
    one = instruments["spbe-2020"]
    first, second = one.indicators[0], one.indicators[1]
    assert first.aspect_no == second.aspect_no
    moved = Fraction(1, 2)
    changed = (
        replace(first, weight=first.weight + moved),
        replace(second, weight=second.weight - moved),
        *one.indicators[2:],
    )
    instruments["spbe-2020"] = replace(one, indicators=changed)
    return instruments


def restate(run: Nights, instruments: Mapping[str, Instrument], reason: str) -> list[NightAgain]:
    warehouse = Warehouse(run.settings.warehouse_path, instruments)
    try:
        now = datetime(2027, 1, 1, tzinfo=UTC)
        one = Backfill(warehouse, instruments, run.settings.raw_dir, f"again-{next(run.numbers)}", now, reason=reason)
        done = list(one.nights())
        publish_history(warehouse, instruments, run.settings)
    finally:
        warehouse.close()
    return done


def test_another_rule_needs_a_reason_and_keeps_the_figure_before(run: Nights) -> None:
    book = {"a": penilaian(answer(2025, 1, 5), answer(2025, 2, 1))}
    carriers = [("spbe-2020", no, "A", None) for no in range(1, 48)]
    nights = [NIGHT + timedelta(days=day) for day in range(3)]
    for night in nights:
        run(FakeSource([District(opd=ONE_OPD, carriers=carriers, books=book)]), night=night)
    before = run.reopen().rows("FROM mart.index_snapshot ORDER BY snapshot_on")
    told = restate(run, altered(), "")
    assert [one.state for one in told] == ["differs"] * 3
    assert told[0].rows.keys() >= {"index_snapshot", "aspect_snapshot"} or told[0].rows.keys() >= {"index_snapshot"}
    assert run.reopen().rows("FROM mart.index_snapshot ORDER BY snapshot_on") == before
    assert run.reopen().rows("FROM mart.restatement") == []

    assert [one.state for one in restate(run, altered(), "bobot indikator 1 dan 2 dikoreksi")] == ["restated"] * 3
    mart = run.reopen()
    after = mart.rows("FROM mart.index_snapshot ORDER BY snapshot_on")
    assert [row["index_exact"] - old["index_exact"] for row, old in zip(after, before, strict=True)] == [
        Decimal("0.02")
    ] * 3
    kept = mart.rows("FROM mart.restatement ORDER BY snapshot_on")
    assert [(row["index_before"], row["index_after"], row["reason"]) for row in kept] == [
        (old["index_exact"], new["index_exact"], "bobot indikator 1 dan 2 dikoreksi")
        for old, new in zip(before, after, strict=True)
    ]
    assert {row["run_id_before"] for row in kept} == {row["run_id"] for row in before}
    assert [row["state"] for row in mart.rows("FROM mart.run ORDER BY started_at")][-1] == "restated"
    assert [one.state for one in restate(run, altered(), "")] == ["equal"] * 3


def test_a_restatement_goes_on_to_the_latest_night(run: Nights) -> None:
    for day in range(2):
        run(
            FakeSource([District(opd=ONE_OPD, books={"a": penilaian(answer(2025, 1, 3))})]),
            night=NIGHT + timedelta(days=day),
        )
    with pytest.raises(ConfigurationError, match="latest night"):
        again(run, "alasan", last=NIGHT)


def test_there_must_be_a_night(run: Nights) -> None:
    with pytest.raises(ConfigurationError, match="No night was built"):
        again(run)


def test_a_night_that_nobody_ran_holds_what_was_in_force(run: Nights) -> None:
    district = District(opd=ONE_OPD, carriers=[("spbe-2020", 1, "A", None)], books={"a": penilaian(answer(2025, 1, 3))})
    run(FakeSource([district]), night=NIGHT)
    run(FakeSource([replace(district, books={"a": penilaian(answer(2025, 1, 5))})]), night=NIGHT + timedelta(days=3))
    assert [one.state for one in again(run)] == ["equal", "filled", "filled", "equal"]
    rows = run.reopen().rows("SELECT snapshot_on - $1 AS day, index_exact FROM mart.index_snapshot ORDER BY 1", [NIGHT])
    assert [row["day"] for row in rows] == [0, 1, 2, 3]
    assert rows[0]["index_exact"] == rows[1]["index_exact"] == rows[2]["index_exact"] < rows[3]["index_exact"]
    assert run.reopen().values("SELECT state FROM mart.run ORDER BY started_at") == [
        "published",
        "published",
        "backfilled",
    ]


def test_institutions_come_out_the_same_together_alone_and_in_any_order(run: Nights) -> None:
    story = Story(7, ("73.01", "18.71", "33.22"))
    together, one_by_one, backwards = run, run.fresh(), run.fresh()
    for number in range(2):
        story.turn()
        districts = story.source().districts
        night = NIGHT + timedelta(days=number)
        together(FakeSource(districts), night=night)
        for district in districts:
            one_by_one(FakeSource([district]), night=night)
        backwards(FakeSource(districts[::-1]), night=night)
    same, alone, turned = together.reopen(), one_by_one.reopen(), backwards.reopen()
    tables = [name for name in mart_tables() if name != "run"]
    for table in tables:
        names = [
            row["column_name"] for row in mart_columns(table) if row["column_name"] not in ("run_id", "fetched_at")
        ]
        query = f"SELECT {', '.join(names)} FROM mart.{table} ORDER BY ALL"
        expected = same.rows(query)
        assert alone.rows(query) == expected, table
        assert turned.rows(query) == expected, table


def test_every_point_is_traced_to_its_cell(run: Nights) -> None:
    published = live(run, 5, 6)
    mart = run.reopen()
    sums = mart.rows(
        "SELECT institution_code, year, stage, snapshot_on, any_value(index_exact) AS index_exact, "
        "sum(points) AS points, count(*) AS indicators FROM mart.provenance GROUP BY ALL"
    )
    assert len(sums) == sum(len(rows["index_snapshot"]) for rows in published.values())
    assert all(abs(row["points"] - row["index_exact"]) < Decimal("0.000001") for row in sums)
    assert {row["indicators"] for row in sums} == {47}
    raw = f"{run.settings.raw_dir}/*/*.row.parquet"
    traced = mart.rows(
        "SELECT DISTINCT p.content_hash, p.cell, p.claimed_score, r.texts[4] AS text, r.row_no "
        f"FROM mart.provenance AS p JOIN read_parquet('{raw}') AS r ON p.content_hash = r.content_hash "
        "AND CAST(regexp_extract(p.cell, '[0-9]+') AS INTEGER) = r.row_no WHERE p.is_answered"
    )
    assert len(traced) > 20
    assert all(re.search(rf"\b{row['claimed_score']:.0f}\b", row["text"]) for row in traced)
    assert mart.values("SELECT count(*) FROM mart.provenance WHERE is_answered AND cell IS NULL") == [0]
    assert mart.values("SELECT count(*) FROM mart.provenance WHERE rule_version IS NULL OR code_version IS NULL") == [0]


def two(first: int, second: int) -> FakeSource:
    """Two districts, each with an answer to one indicator."""
    return FakeSource([one_answer("73.01", first), one_answer("18.71", second)])


def one_answer(code: str, score: int) -> District:
    carriers = [("spbe-2020", no, "A", None) for no in range(1, 48)]
    return District(code, opd=ONE_OPD, carriers=carriers, books={"a": penilaian(answer(2025, 1, score))})


def check_absent(mart: Mart, night: date) -> None:
    """Everything of the institution that's absent is of its own last night, and its points come to its index."""
    (last,) = mart.rows(
        "SELECT snapshot_on, index_exact, (SELECT sum(points) FROM mart.indicator_snapshot AS s "
        "WHERE s.institution_code = i.institution_code) AS points FROM mart.index_snapshot AS i "
        "WHERE institution_code = '18.71' ORDER BY snapshot_on DESC LIMIT 1"
    )
    assert last["snapshot_on"] == night
    assert abs(last["points"] - last["index_exact"]) < Decimal("0.000001")
    for table in ("institution", "indicator_snapshot"):
        found = mart.values(f"SELECT DISTINCT snapshot_on FROM mart.{table} WHERE institution_code = '18.71'")
        assert found == [night]
    assert mart.values("SELECT count(*) FROM mart.evidence WHERE institution_code = '18.71'") == [1]


def test_an_absent_institution_is_published_as_restated(run: Nights) -> None:
    run(two(2, 3), night=NIGHT)
    alone = FakeSource([one_answer("73.01", 2)])
    mart = run(alone, night=NIGHT + timedelta(days=1)).mart
    check_absent(mart, NIGHT)
    restate(run, altered(), "bobot dikoreksi")
    check_absent(run.reopen(), NIGHT)
    assert run.reopen().values("SELECT count(*) FROM mart.restatement WHERE institution_code = '18.71'") == [1]
    assert run.reopen().values("SELECT count(*) FROM mart.indicator_snapshot WHERE institution_code = '73.01'") == [47]


def test_an_absent_institution_keeps_its_last_night_after_a_rollback(run: Nights) -> None:
    run(two(2, 3), night=NIGHT)
    last = NIGHT + timedelta(days=1)
    run(two(2, 4), night=last)
    roll_back(run.settings.published_dir)
    ran = run(FakeSource([one_answer("73.01", 5)]), night=NIGHT + timedelta(days=2))
    check_absent(ran.mart, last)
    (tonight,) = ran.mart.rows("FROM mart.indicator_snapshot WHERE institution_code = '73.01' AND indicator_no = '1'")
    assert (tonight["snapshot_on"], tonight["score"]) == (NIGHT + timedelta(days=2), 5)


def test_an_absent_institution_is_published_anew_where_nothing_readable_is(run: Nights) -> None:
    run(two(2, 3), night=NIGHT)
    run.settings.published_path.resolve().write_bytes(b"gone")
    check_absent(run(FakeSource([one_answer("73.01", 5)]), night=NIGHT + timedelta(days=1)).mart, NIGHT)


def sums_differ(mart: Mart) -> list[Any]:
    """Nights whose points don't come to their index."""
    return mart.values(
        "SELECT snapshot_on FROM (SELECT institution_code, year, stage, snapshot_on, sum(points) AS points, "
        "any_value(index_exact) AS index_exact FROM mart.provenance GROUP BY ALL) "
        "WHERE abs(points - index_exact) > 0.000001"
    )


def run_with(run: Nights, instruments: Mapping[str, Instrument], source: FakeSource, night: date) -> None:
    """A night under other instruments, as after a change of their files."""
    warehouse = Warehouse(run.settings.warehouse_path, instruments)
    try:
        request = Request(datetime(2026, 7, 9, tzinfo=UTC), f"other-{next(run.numbers)}", night)
        run_night(Night(source, run.settings, instruments, request, warehouse))
    finally:
        warehouse.close()


def test_points_of_a_night_stay_those_of_its_weights(run: Nights) -> None:
    points = "SELECT institution_code, indicator_no, points FROM mart.provenance WHERE snapshot_on = $1 ORDER BY ALL"
    run(two(2, 3), night=NIGHT)
    before = run.reopen().rows(points, [NIGHT])
    run_with(run, altered(), two(2, 3), NIGHT + timedelta(days=1))
    mart = run.reopen()
    assert sums_differ(mart) == []
    assert mart.rows(points, [NIGHT]) == before
    moved = mart.rows("SELECT cause, sum(points) AS points FROM mart.index_change GROUP BY ALL")
    change = mart.row(
        "SELECT sum(index_exact * if(snapshot_on = $1, -1, 1)) AS moved FROM mart.index_snapshot", [NIGHT]
    )
    assert [(row["cause"], row["points"]) for row in moved] == [("instrument", change["moved"])]


def test_figures_that_come_out_otherwise_are_not_published_of_an_absent_institution(run: Nights) -> None:
    run(two(2, 3), night=NIGHT)
    run.settings.published_path.resolve().write_bytes(b"gone")
    run_with(run, altered(), FakeSource([one_answer("73.01", 2)]), NIGHT + timedelta(days=1))
    mart = run.reopen()
    assert mart.values("SELECT DISTINCT institution_code FROM mart.indicator_snapshot") == ["73.01"]
    assert mart.values("SELECT count(*) FROM mart.index_snapshot WHERE institution_code = '18.71'") == [1]
    restate(run, altered(), "bobot dikoreksi")
    check_absent(run.reopen(), NIGHT)


def test_an_absent_institution_is_told(run: Nights) -> None:
    run(two(2, 3), night=NIGHT)
    ran = run(FakeSource([one_answer("73.01", 2)]), night=NIGHT + timedelta(days=1))
    assert [note for note in ran.outcome.notes if note.startswith("18.71: tidak ada di sumber")] != []


def test_a_backfill_that_was_cut_off_is_published_by_the_next(run: Nights) -> None:
    for day in (0, 2):
        run(two(2, 3), night=NIGHT + timedelta(days=day))
    warehouse = Warehouse(run.settings.warehouse_path, load_instruments())
    now = datetime(2027, 1, 1, tzinfo=UTC)
    cut_off = Backfill(warehouse, load_instruments(), run.settings.raw_dir, "cut-off", now)
    assert "filled" in {one.state for one in cut_off.nights()}
    warehouse.close()
    assert {one.state for one in again(run)} == {"equal"}
    nights = run.reopen().values("SELECT DISTINCT snapshot_on FROM mart.provenance ORDER BY ALL")
    assert nights == [NIGHT + timedelta(days=day) for day in range(3)]
    version = current_version(run.settings.published_dir)
    again(run)
    assert current_version(run.settings.published_dir) == version


def carried(**books: Any) -> District:
    return District(
        opd=ONE_OPD, carriers=[("spbe-2020", no, "A", None) for no in range(1, 48)], books=books or {"a": penilaian()}
    )


def full(score: int, count: int = 46) -> Any:
    return penilaian(*(answer(2025, no, score) for no in range(1, count + 1)))


def test_a_lost_register_is_a_collapse_also_when_no_workbook_changed(run: Nights) -> None:
    """Files that are as they were count as many answers as they did."""
    folder = carried(a=full(3)).write_csv(run.folder / "source")
    assert run(folder, night=NIGHT).outcome.exit_code == 0
    replace(carried(a=full(3)), carriers=()).write_csv(folder)
    ran = run(folder, night=NIGHT + timedelta(days=1))
    assert (ran.outcome.exit_code, ran.outcome.counts["workbooks_unchanged"]) == (20, 1)
    assert "cakupan" in ran.outcome.refused["73.01"]


def test_a_loss_that_was_accepted_may_be_run_again_on_its_night(run: Nights) -> None:
    run(FakeSource([carried(a=full(3))]), night=NIGHT)
    lost = FakeSource([carried(a=full(3, 4))])
    assert run(lost, night=NIGHT + timedelta(days=1), accepted=("A",)).outcome.exit_code == 0
    assert run(lost, night=NIGHT + timedelta(days=1)).outcome.exit_code == 0


def test_nights_on_which_nobody_asked_are_no_patience(run: Nights) -> None:
    hollow = carried(a=full(3, 4))
    nobody = replace(hollow, opd=(("A", "Dinas A", "Dinas", None, "Ya"),))
    states = []
    for day, district in enumerate([carried(a=full(3)), hollow, nobody, nobody, hollow, hollow]):
        ran = run(FakeSource([district]), night=NIGHT + timedelta(days=day), accepted=("73.01",))
        states.append(bool(ran.outcome.failures))
    assert states[4], "the second look is no third"


def test_a_restatement_keeps_the_nights_that_were_filled(run: Nights) -> None:
    for day in (0, 1, 3):
        run(
            FakeSource([carried(a=penilaian(answer(2025, 1, 5), answer(2025, 2, 1)))]),
            night=NIGHT + timedelta(days=day),
        )
    done = restate(run, altered(), "bobot dikoreksi")
    assert [one.state for one in done] == ["restated", "restated", "restated", "filled"]
    assert {one.state for one in restate(run, altered(), "")} == {"equal"}
    days = run.reopen().values("SELECT DISTINCT snapshot_on - $1 FROM mart.provenance ORDER BY 1", [NIGHT])
    assert days == [0, 1, 2, 3]
