"""Nights one after the other: what fails, what stays in force, what moved, and what others read."""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from conftest import (
    FOUR_OPD,
    HEADERS,
    INTERNAL,
    NIGHT,
    NOW,
    OFFICIAL,
    District,
    FakeSource,
    Mart,
    Nights,
    Ran,
    Row,
    answer,
    penilaian,
    write_xlsx,
)

from spbe_etl.errors import ConfigurationError
from spbe_etl.workbooks import Workbook

YEAR = 2025
GATED = "13"
"""A practice gate at level 3, in weight 2.5 percent."""
UNGATED = [no for no in range(1, 48) if no not in (13, 16, 17, 18, 20, 21, 22, 23, 24, 26, 27)]
ROW_COUNT = len(FOUR_OPD) + len(UNGATED) + 10
"""Of a district with ten answers."""


def night(number: int) -> date:
    """The first night is 1; 0 is before it."""
    return NIGHT + timedelta(days=number - 1)


def district(
    a: Sequence[Row] = (),
    b: Sequence[Row] = (),
    c: Sequence[Row] = (),
    verdicts: Sequence[Row] = (),
    supporters: str | None = None,
    code: str = "73.01",
) -> District:
    """Three active OPD and one that isn't; A carries what has no gate, and the gated one given supporters."""
    carried = [*UNGATED, *([GATED] if supporters else [])]
    return District(
        code,
        carriers=[("spbe-2020", no, "A", supporters) for no in carried],
        verdicts=verdicts,
        books={"a": penilaian(*a), "b": penilaian(*b), "c": penilaian(*c), "x": penilaian()},
    )


def answers(score: int = 3, numbers: Sequence[int] = range(1, 11)) -> list[Row]:
    return [answer(YEAR, no, score) for no in numbers]


def merged(one: District, gone: str, successor: str | None) -> District:
    """The district with an OPD that is no longer active, and who came after it."""
    opd = [(*row[:4], "Tidak", successor) if row[0] == gone else row for row in one.opd]
    return replace(one, opd=opd)


def with_old_answer(score: object, a: Sequence[Row] = ()) -> District:
    """The OPD that isn't active answers indicator 1, too."""
    one = district(a)
    return replace(one, books={**one.books, "x": penilaian(answer(YEAR, 1, score))})


def without(one: District, *references: str) -> District:
    """The district with these workbooks gone."""
    return replace(one, books={name: book for name, book in one.books.items() if name not in references})


def index(mart: Mart, stage: str = "proposed", code: str = "73.01") -> Mapping[str, object]:
    return mart.row(
        "FROM mart.index_snapshot WHERE institution_code = ? AND stage = ? ORDER BY snapshot_on DESC LIMIT 1",
        [code, stage],
    )


# --- workbooks that fail -------------------------------------------------------------------------------------------


def without_header() -> dict[str, Sequence[Row]]:
    return {"Penilaian": [["Daftar isian"], *answers()]}


def with_two_scores() -> dict[str, Sequence[Row]]:
    return {"Penilaian": [[*HEADERS["Penilaian"], "Level"], *([*row, 2] for row in answers())]}


BROKEN: Mapping[str, tuple[Mapping[str, Sequence[Row]], str]] = {
    "no worksheet": ({"Lembar1": [HEADERS["Penilaian"], *answers()]}, "lembar Penilaian tidak ada"),
    "renamed worksheet": ({"Penilaian (2)": [HEADERS["Penilaian"], *answers()]}, "lembar Penilaian tidak ada"),
    "no header": (without_header(), "baris judul tidak lengkap"),
    "empty worksheet": ({"Penilaian": []}, "baris judul tidak lengkap"),
    "two columns of one meaning": (with_two_scores(), "dua kolom berarti sama"),
}


@pytest.fixture(scope="module")
def broken(module_run: Nights) -> Ran:
    """One night of districts, each with one broken workbook of its own kind."""
    one = district(answers())
    return module_run.fresh()(
        FakeSource([replace(one, code=kind, books={**one.books, "b": sheets}) for kind, (sheets, _) in BROKEN.items()])
    )


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_workbook_fails_by_name_and_the_others_go_on(broken: Ran, kind: str) -> None:
    (failure,) = [one for one in broken.outcome.failures if one.institution_code == kind]
    assert (failure.opd_code, failure.workbook) == ("B", "b")
    assert failure.reason.startswith("b")
    assert BROKEN[kind][1] in failure.reason
    assert index(broken.mart, code=kind)["answered_count"] == 10
    assert (broken.outcome.exit_code, broken.outcome.state) == (10, "published_with_unread")
    assert broken.outcome.counts["workbooks_failed"] == len(BROKEN)


def test_a_missing_and_a_damaged_file_fail_by_name(run: Nights, tmp_path: Path) -> None:
    folder = district(answers()).write_xlsx(tmp_path / "source")
    (folder / "b.xlsx").unlink()
    ran = run(folder)
    assert [(one.opd_code, one.workbook) for one in ran.outcome.failures] == [("B", "b")]
    assert "tidak ditemukan" in ran.outcome.failures[0].reason
    (folder / "b.xlsx").write_bytes(b"PK\x03\x04 rusak")
    ran = run(folder, night(2))
    assert [(one.opd_code, one.workbook) for one in ran.outcome.failures] == [("B", "b.xlsx")]
    assert ran.outcome.exit_code == 10
    write_xlsx(folder / "b.xlsx", penilaian())
    assert run(folder, night(3)).outcome.exit_code == 0


def test_an_opd_without_a_workbook_has_not_joined_and_does_not_fail(run: Nights) -> None:
    one = replace(
        district([*answers(), *GATE], supporters="SEMUA"), opd=[*FOUR_OPD[:3], ("D", "Dinas D", None, None, "Ya")]
    )
    ran = run(one)
    assert ran.outcome.exit_code == 0
    row = ran.mart.row("FROM mart.opd_snapshot WHERE opd_code = 'D'")
    assert (row["accepted_count"], row["is_stale"], row["last_changed_on"]) == (0, False, None)


def test_last_good_data_stand_in_and_say_so(run: Nights) -> None:
    one = district(answers(), b=answers(), verdicts=[(YEAR, 1, OFFICIAL, 2, None, None)])
    run(one)
    ran = run(without(one, "a"), night(2))
    assert ran.outcome.exit_code == 10
    assert (index(ran.mart)["answered_count"], index(ran.mart)["is_stale"]) == (10, True)
    assert index(ran.mart, "official")["is_stale"] is False
    stale = {
        row["opd_code"]: row["is_stale"]
        for row in ran.mart.rows("FROM mart.opd_snapshot WHERE snapshot_on = ?", [night(2)])
    }
    assert stale == {"A": True, "B": False, "C": False, "X": False}
    ran = run(one, night(3))
    assert (ran.outcome.exit_code, index(ran.mart)["is_stale"]) == (0, False)
    rows = ran.mart.rows("FROM mart.opd_snapshot WHERE opd_code = 'A' ORDER BY snapshot_on")
    assert [row["last_changed_on"] for row in rows] == [night(1)] * 3


def test_more_than_half_failed_keeps_what_was_published(run: Nights) -> None:
    one = district(answers())
    first = run(one)
    ran = run(without(one, "a", "b", "c"), night(2))
    assert (ran.outcome.exit_code, ran.outcome.state, ran.outcome.published) == (20, "refused", None)
    assert "3 dari 4" in ran.outcome.refused["73.01"]
    assert ran.mart.rows("FROM mart.index_snapshot") == first.mart.rows("FROM mart.index_snapshot")
    assert run(without(one, "b", "c"), night(3)).outcome.exit_code == 10


# --- registers -----------------------------------------------------------------------------------------------------


def test_a_register_never_read_publishes_nothing(run: Nights) -> None:
    one = district(answers())
    ran = run(FakeSource([one], failing=["73.01"]))
    assert (ran.outcome.exit_code, ran.outcome.published, ran.published) == (20, None, None)
    assert [(failure.institution_code, failure.opd_code) for failure in ran.outcome.failures] == [(None, None)]


def test_a_register_that_fails_later_is_stood_in_for(run: Nights) -> None:
    one = district(answers())
    run(one)
    changed = replace(one, books={**one.books, "a": penilaian(*answers(2))})
    ran = run(FakeSource([changed], failing=["73.01"]), night(2))
    assert ran.outcome.exit_code == 10
    assert [(failure.institution_code, failure.opd_code) for failure in ran.outcome.failures] == [("73.01", None)]
    assert (index(ran.mart)["is_stale"], index(ran.mart)["index_value"]) == (True, Decimal("1.13"))
    assert ran.outcome.counts["workbooks_failed"] == 1


def test_one_register_never_read_leaves_the_others_alone(run: Nights) -> None:
    ran = run(FakeSource([district(answers(), code="71"), district(answers(), code="72")], failing=["72"]))
    assert ran.outcome.exit_code == 10
    assert ran.mart.values("SELECT institution_code FROM mart.index_snapshot") == ["71"]


def test_one_refused_institution_keeps_its_last_and_the_others_publish(run: Nights) -> None:
    first, second = district(answers(), code="71"), district(answers(), code="72")
    run(FakeSource([first, second]))
    ran = run(FakeSource([without(first, "a", "b", "c"), second]), night(2))
    assert (ran.outcome.exit_code, set(ran.outcome.refused)) == (10, {"71"})
    rows = ran.mart.rows("FROM mart.index_snapshot")
    assert {(row["institution_code"], row["snapshot_on"]) for row in rows} == {
        ("71", night(1)),
        ("72", night(1)),
        ("72", night(2)),
    }
    assert ran.mart.values("SELECT DISTINCT institution_code FROM mart.indicator_snapshot ORDER BY ALL") == ["71", "72"]
    as_of = ran.mart.rows("FROM mart.index_as_of(?::DATE)", [night(2)])
    assert {(row["institution_code"], row["snapshot_on"]) for row in as_of} == {("71", night(1)), ("72", night(2))}
    assert ran.outcome.counts["rows_read"] == ROW_COUNT


# --- hollow workbooks ----------------------------------------------------------------------------------------------


def test_a_hollow_workbook_is_kept_until_three_equal_nights(run: Nights) -> None:
    full, hollow = district(answers()), district(answers(numbers=[1]))
    run(full)
    for number in (2, 3):
        ran = run(hollow, night(number))
        assert ran.outcome.exit_code == 10
        assert "turun dari 10 menjadi 1" in ran.outcome.failures[0].reason
        assert (index(ran.mart)["answered_count"], index(ran.mart)["is_stale"]) == (10, True)
    ran = run(hollow, night(4), accepted=["73.01"])
    assert (ran.outcome.exit_code, index(ran.mart)["answered_count"]) == (0, 1)


def test_the_same_night_again_does_not_count_as_another_night(run: Nights) -> None:
    run(district(answers()))
    hollow = district(answers(numbers=[1]))
    for _ in range(3):
        assert run(hollow, night(2)).outcome.exit_code == 10


def test_a_hollow_workbook_that_changes_is_not_believed(run: Nights) -> None:
    run(district(answers()))
    for number, left in ((2, [1]), (3, [2]), (4, [1]), (5, [1])):
        assert run(district(answers(numbers=left)), night(number)).outcome.exit_code == 10


def test_a_hollow_workbook_is_believed_when_told_so(run: Nights) -> None:
    run(district(answers(), b=answers(numbers=range(1, 40))))
    ran = run(district(answers(), b=()), night(2), accepted=["b"])
    assert (ran.outcome.exit_code, ran.outcome.failures) == (0, ())
    assert ran.mart.values(
        "SELECT accepted_count FROM mart.opd_snapshot WHERE opd_code = 'B' ORDER BY snapshot_on"
    ) == [39, 0]


def test_half_of_the_answers_may_go_at_once(run: Nights) -> None:
    run(district(answers()))
    ran = run(district(answers(numbers=range(1, 6))), night(2))
    assert (ran.outcome.exit_code, index(ran.mart)["answered_count"]) == (0, 5)


def test_only_a_header_is_a_legitimate_first_answer(run: Nights) -> None:
    ran = run(district())
    assert (ran.outcome.exit_code, ran.outcome.failures) == (0, ())
    assert ran.mart.rows("FROM mart.index_snapshot") == []
    assert index(run(district(answers()), night(2)).mart)["answered_count"] == 10


# --- which night it is ---------------------------------------------------------------------------------------------


def test_an_earlier_night_is_a_wrong_call(run: Nights) -> None:
    run(district(answers()), night(2))
    with pytest.raises(ConfigurationError, match="2026-07-01 is before the latest one, 2026-07-02") as caught:
        run(district(answers()), night(1))
    assert caught.value.exit_code == 2


def test_a_night_that_is_run_again_replaces_its_rows(run: Nights) -> None:
    run(district(answers()))
    run(district(answers(2)), night(2))
    ran = run(district(answers(4)), night(2))
    values = ran.mart.rows("FROM mart.index_snapshot ORDER BY snapshot_on")
    assert [(row["snapshot_on"], row["run_id"]) for row in values] == [(night(1), "run-0"), (night(2), "run-2")]
    assert [row["score_after"] for row in ran.mart.rows("FROM mart.index_change")] == [4] * 10
    runs = ran.mart.rows("FROM mart.run ORDER BY run_id")
    assert [(row["run_id"], row["snapshot_on"]) for row in runs] == [
        ("run-0", night(1)),
        ("run-1", night(2)),
        ("run-2", night(2)),
    ]
    assert runs[2]["rows_read"] == runs[2]["rows_accepted"] == ROW_COUNT


def test_the_night_is_the_date_in_the_institutions_zone(run: Nights) -> None:
    now = datetime(2026, 7, 1, 16, 30, tzinfo=UTC)
    assert run(district(answers()), None, now).outcome.night == date(2026, 7, 2)
    several = FakeSource([district(answers(), code="71"), district(answers(), code="72")])
    assert run.fresh()(several, None, now).outcome.night == date(2026, 7, 1)


def test_content_that_did_not_change_is_counted_as_unchanged(run: Nights) -> None:
    run(district(answers()))
    ran = run(district(answers(4)), night(2))
    counts = ran.outcome.counts
    assert (counts["workbooks_read"], counts["workbooks_unchanged"], counts["workbooks_failed"]) == (1, 4, 0)
    assert counts["rows_read"] == ROW_COUNT


# --- findings over nights ------------------------------------------------------------------------------------------


def test_a_finding_has_a_first_a_last_and_a_resolving_night(run: Nights) -> None:
    bad, good = [answer(YEAR, 1, "3-4")], [answer(YEAR, 1, 3)]
    run(district(bad))
    ran = run(district(bad), night(3))
    (line,) = ran.mart.rows("FROM mart.rejected_row")
    assert (line["first_seen_on"], line["last_seen_on"], line["resolved_on"]) == (night(1), night(3), None)
    run(district(good), night(5))
    ran = run(district(good), night(6))
    (line,) = ran.mart.rows("FROM mart.rejected_row")
    assert (line["first_seen_on"], line["last_seen_on"], line["resolved_on"]) == (night(1), night(3), night(5))
    ran = run(district(bad), night(8))
    lines = ran.mart.rows("FROM mart.rejected_row ORDER BY first_seen_on")
    assert [(line["first_seen_on"], line["resolved_on"]) for line in lines] == [(night(1), night(5)), (night(8), None)]


def test_a_finding_that_moves_to_another_row_is_the_same_one(run: Nights) -> None:
    run(district([answer(YEAR, 1, "3-4")]))
    ran = run(district([answer(YEAR, 2, 3), answer(YEAR, 1, "3-4")]), night(2))
    (line,) = ran.mart.rows("FROM mart.rejected_row")
    assert (line["cell"], line["first_seen_on"], line["last_seen_on"]) == ("D3", night(1), night(2))
    assert line["message"].startswith("Sel D3: ")


def test_the_date_of_evidence_is_held_against_the_night_it_came(run: Nights) -> None:
    row = (*answer(YEAR, 1, 3)[:6], night(3))
    for number in (1, 2, 4):
        ran = run(district([row]), night(number))
    (line,) = ran.mart.rows("FROM mart.rejected_row")
    assert (line["rule_code"], line["resolved_on"], line["last_seen_on"]) == ("EVIDENCE_DATE_FUTURE", None, night(4))
    ran = run(district([row, answer(YEAR, 2, 3)]), night(5))
    assert ran.mart.values("SELECT resolved_on FROM mart.rejected_row") == [night(5)]


# --- what moved, and why -------------------------------------------------------------------------------------------

Change = tuple[Callable[[], District], Callable[[], District], str, str]
GATE = [answer(YEAR, GATED, 3)]
CHANGES: Mapping[str, Change] = {
    "another carrier": (
        lambda: district([answer(YEAR, 1, 3)], b=[answer(YEAR, 1, 2)]),
        lambda: replace(district([answer(YEAR, 1, 3)], b=[answer(YEAR, 1, 2)]), carriers=[("spbe-2020", 1, "B", None)]),
        "proposed",
        "register",
    ),
    "another scope": (
        lambda: district(GATE, c=GATE, supporters="B"),
        lambda: district(GATE, c=GATE, supporters="C"),
        "proposed",
        "register",
    ),
    "an OPD that left": (
        lambda: district(GATE, b=GATE, supporters="SEMUA"),
        lambda: replace(
            district(GATE, b=GATE, supporters="SEMUA"), opd=[*FOUR_OPD[:2], ("C", "Dinas C", None, "c", "Tidak")]
        ),
        "proposed",
        "register",
    ),
    "an OPD that left for another": (
        lambda: district([answer(YEAR, 1, 4)], b=[answer(YEAR, 1, 2)]),
        lambda: merged(district([answer(YEAR, 1, 4)], b=[answer(YEAR, 1, 2)]), "A", "B"),
        "proposed",
        "register",
    ),
    "an OPD that left for a silent carrier": (
        lambda: merged(with_old_answer(4, a=[answer(YEAR, 2, 2)]), "X", None),
        lambda: merged(with_old_answer(4, a=[answer(YEAR, 2, 2)]), "X", "A"),
        "proposed",
        "register",
    ),
    "a handed over row that was rejected": (
        lambda: merged(with_old_answer("3-4", a=[answer(YEAR, 2, 2)]), "X", "A"),
        lambda: merged(with_old_answer(3, a=[answer(YEAR, 2, 2)]), "X", "A"),
        "proposed",
        "correction",
    ),
    "an own score beside a handed over row that is rejected": (
        lambda: merged(with_old_answer("3-4", a=[answer(YEAR, 1, 2)]), "X", "A"),
        lambda: merged(with_old_answer("3-4", a=[answer(YEAR, 1, 3)]), "X", "A"),
        "proposed",
        "score",
    ),
    "an own answer in place of one handed over": (
        lambda: merged(with_old_answer(4, a=[answer(YEAR, 2, 2)]), "X", "A"),
        lambda: merged(with_old_answer(4, a=[answer(YEAR, 1, 2), answer(YEAR, 2, 2)]), "X", "A"),
        "proposed",
        "score",
    ),
    "a verdict": (
        lambda: district(answers(), verdicts=[(YEAR, 2, INTERNAL, 3, None, None)]),
        lambda: district(answers(), verdicts=[(YEAR, no, INTERNAL, 3 - no % 2, None, None) for no in (1, 2)]),
        "confirmed",
        "verdict",
    ),
    "a row that was rejected": (
        lambda: district([answer(YEAR, 1, "3-4"), answer(YEAR, 2, 2)]),
        lambda: district([answer(YEAR, 1, 4), answer(YEAR, 2, 2)]),
        "proposed",
        "correction",
    ),
    "a row that is rejected now": (
        lambda: district([answer(YEAR, 1, 4), answer(YEAR, 2, 2)]),
        lambda: district([answer(YEAR, 1, 6), answer(YEAR, 2, 2)]),
        "proposed",
        "correction",
    ),
    "a first answer": (
        lambda: district([answer(YEAR, 2, 2)]),
        lambda: district([answer(YEAR, 1, 3), answer(YEAR, 2, 2)]),
        "proposed",
        "coverage",
    ),
    "a first answer that is the lowest": (
        lambda: district([answer(YEAR, 2, 2)]),
        lambda: district([answer(YEAR, 1, 1), answer(YEAR, 2, 2)]),
        "proposed",
        "coverage",
    ),
    "a supporter at the gate": (
        lambda: district(GATE, supporters="B"),
        lambda: district(GATE, b=GATE, supporters="B"),
        "proposed",
        "gate",
    ),
    "another score": (
        lambda: district([answer(YEAR, 1, 3)]),
        lambda: district([answer(YEAR, 1, 2)]),
        "proposed",
        "score",
    ),
}


@pytest.fixture(scope="module")
def changed(module_run: Nights) -> Mart:
    """Two nights of districts, each of which changes in its own way."""
    run = module_run.fresh()
    first = run(FakeSource([replace(before(), code=what) for what, (before, *_) in CHANGES.items()]))
    assert first.mart.rows("FROM mart.index_change") == []
    later = FakeSource([replace(after(), code=what) for what, (_, after, *_) in CHANGES.items()])
    return run(later, night(2)).mart


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_has_one_cause(changed: Mart, what: str) -> None:
    _, _, stage, cause = CHANGES[what]
    change = changed.row("FROM mart.index_change WHERE institution_code = ? AND stage = ?", [what, stage])
    assert (change["cause"], change["snapshot_on"]) == (cause, night(2))
    values = changed.values(
        "SELECT index_exact FROM mart.index_snapshot WHERE institution_code = ? AND stage = ? ORDER BY snapshot_on",
        [what, stage],
    )
    assert change["points"] == values[1] - values[0]
    assert change["opd_code"] == ("B" if what in ("another carrier", "an OPD that left for another") else "A")


def test_a_score_and_a_carrier_that_change_at_once_are_the_registers(run: Nights) -> None:
    run(district([answer(YEAR, 1, 3)]))
    later = replace(district([answer(YEAR, 1, 3)], b=[answer(YEAR, 1, 5)]), carriers=[("spbe-2020", 1, "B", None)])
    ran = run(later, night(2))
    assert ran.mart.values("SELECT cause FROM mart.index_change") == ["register"]


def test_a_handed_over_answer_is_traced_to_where_it_stands(run: Nights) -> None:
    """A answers and is merged into B; then A's workbook is lost, then B answers itself while A's is still lost."""
    carriers = [("spbe-2020", 1, "A", None)]
    one = replace(district([answer(YEAR, 2, 1), answer(YEAR, 1, 4)]), carriers=carriers)
    handed = merged(one, "A", "B")
    own = replace(handed, books={**handed.books, "b": penilaian(answer(YEAR, 1, 2))})
    for number, each in enumerate((one, handed, without(handed, "a"), without(own, "a")), start=1):
        mart = run(each, night(number), now=NOW + timedelta(days=number)).mart
    columns = "opd_code, workbook, cell, fetched_at, content_hash"
    where = "FROM mart.provenance WHERE indicator_no = '1' ORDER BY snapshot_on"
    first, *later, last = [tuple(row.values()) for row in mart.rows(f"SELECT {columns} {where}")]
    assert first[:3] == ("A", "a", "D3")
    assert later == [("B", *first[1:])] * 2
    assert last[:3] == ("B", "b", "D2")
    assert not {last[3], last[4]} & {first[3], first[4]}
    stale = mart.values("SELECT is_stale FROM mart.index_snapshot ORDER BY snapshot_on")
    assert stale == [False, False, True, False], "only what's in use makes stale"
    causes = mart.rows("SELECT snapshot_on, cause, opd_code FROM mart.index_change")
    assert [tuple(row.values()) for row in causes] == [(night(4), "score", "B")]


def test_a_change_compares_with_what_was_in_force_then(run: Nights) -> None:
    """Nights 1, 2, 9 and 32 were run: on night 9 night 2 was in force one and seven days before."""
    for number, score in ((1, 2), (2, 3), (9, 4), (32, 5)):
        ran = run(district([answer(YEAR, 1, score)]), night(number))
    rows = ran.mart.rows("FROM mart.index_trend ORDER BY snapshot_on")
    # indicator 1 weighs 1.3 percent: 1.013, 1.026, 1.039 and 1.052
    assert [str(row["index_value"]) for row in rows] == ["1.01", "1.03", "1.04", "1.05"]
    changes = [tuple(row[f"change_{days}d"] for days in (1, 7, 30)) for row in rows]
    step = Decimal("0.01")
    assert changes == [
        (None, None, None),
        (2 * step, None, None),
        (step, step, None),
        (step, step, 2 * step),
    ]
    assert [row["is_comparable"] for row in rows] == [False, True, True, True]


def test_a_stage_that_was_gone_a_day_before_has_no_change(run: Nights) -> None:
    judged = district(answers(), verdicts=[(YEAR, 11, INTERNAL, 3, None, None)])
    run(judged)
    gone = run(district(answers()), night(2))
    assert gone.outcome.exit_code == 0
    ran = run(judged, night(3))
    row = ran.mart.row("FROM mart.index_trend WHERE stage = 'confirmed' AND snapshot_on = ?", [night(3)])
    assert row["change_1d"] is None


def test_the_gap_to_the_target_is_target_minus_index(run: Nights) -> None:
    ran = run(replace(district(answers(5, range(1, 48))), targets=[(YEAR, "2,63", None), (2026, 3, None)]))
    row = ran.mart.row("FROM mart.index_trend")
    assert (row["target_index"], row["gap_to_target"]) == (Decimal("2.63"), Decimal("2.63") - row["index_value"])


def test_the_index_as_of_a_date_is_the_last_nights_before_it(run: Nights) -> None:
    run(district(answers()), night(1))
    ran = run(district(answers(4)), night(5))
    as_of = {
        number: ran.mart.values("SELECT snapshot_on FROM mart.index_as_of(?::DATE)", [night(number)])
        for number in (0, 1, 4, 5, 99)
    }
    assert as_of == {0: [], 1: [night(1)], 4: [night(1)], 5: [night(5)], 99: [night(5)]}


def test_as_of_holds_nothing_that_had_gone_by_then(run: Nights) -> None:
    run(district(answers(), verdicts=[(YEAR, 11, INTERNAL, 3, None, None)]))
    ran = run(district(answers()), night(2))
    assert ran.mart.values("SELECT stage FROM mart.index_as_of(?::DATE)", [night(2)]) == ["proposed"]


def test_a_collapse_of_coverage_is_refused_then_accepted(run: Nights) -> None:
    full = district(answers(numbers=range(1, 48)))
    first = run(full)
    emptied = replace(full, carriers=())
    ran = run(emptied, night(2))
    assert (ran.outcome.exit_code, ran.outcome.state) == (20, "refused")
    assert "--accept 73.01" in ran.outcome.refused["73.01"]
    assert ran.mart.rows("FROM mart.index_snapshot") == first.mart.rows("FROM mart.index_snapshot")
    ran = run(emptied, night(2), accepted=["73.01"])
    assert (ran.outcome.exit_code, index(ran.mart)["coverage_pct"]) == (0, 0)
    states = ran.mart.values("SELECT state FROM mart.run ORDER BY run_id")
    assert states == ["published", "refused", "published"]


def test_a_collapse_of_one_institution_leaves_the_others_alone(run: Nights) -> None:
    first, second = (district(answers(numbers=range(1, 48)), code=code) for code in ("71", "72"))
    run(FakeSource([first, second]))
    ran = run(FakeSource([replace(first, carriers=()), second]), night(2))
    assert (ran.outcome.exit_code, set(ran.outcome.refused)) == (10, {"71"})
    assert (index(ran.mart, code="71")["snapshot_on"], index(ran.mart, code="72")["snapshot_on"]) == (
        night(1),
        night(2),
    )


def test_a_year_is_stood_for_by_its_official_result_and_compares_like_with_like(run: Nights) -> None:
    def official(year: int, score: int, count: int = 47) -> list[Row]:
        return [(year, no, OFFICIAL, score, None, None) for no in range(1, count + 1)]

    one = district(answers(), verdicts=[*official(2021, 2), *official(2022, 3), *official(2024, 4, count=40)])
    published = [
        (2020, "Kabupaten Contoh", "Indeks", "2,345", "LHE"),
        (2023, "Pemkab Kabupaten Contoh", "Indeks", "1,93", "LHE"),
        (2024, "Kota Lain", "Indeks", "4", "LHE"),
    ]
    rows = run(replace(one, published=published)).mart.rows("FROM mart.year_trend ORDER BY year")
    assert [(row["year"], row["source"], row["stage"], row["is_comparable"], row["break_reason"]) for row in rows] == [
        (2020, "published", None, False, None),
        (2021, "computed", "official", False, "instrument"),
        (2022, "computed", "official", True, None),
        (2023, "published", None, True, None),
        (2024, "computed", "official", True, None),
        (2025, "computed", "proposed", False, "stage"),
    ]
    assert [str(row["index_value"]) for row in rows[:4]] == ["2.35", "2.00", "3.00", "1.93"]
    assert [row["predicate"] for row in rows[:4]] == ["Cukup", "Cukup", "Baik", "Cukup"]


# --- what others read ----------------------------------------------------------------------------------------------


@pytest.fixture
def busy(run: Nights) -> Ran:
    """A published file with something in most tables."""
    one = replace(
        district(
            [*answers(), answer(YEAR, 47, "3-4")], supporters="SEMUA", verdicts=[(YEAR, 1, OFFICIAL, 2, None, None)]
        ),
        targets=[(YEAR, 2.63, None)],
    )
    return run(one)


def test_every_table_and_column_carries_a_comment(busy: Ran) -> None:
    tables = busy.mart.rows("SELECT table_name, comment FROM duckdb_tables() WHERE schema_name = 'mart'")
    assert len(tables) >= 15
    assert [row for row in tables if not row["comment"]] == []
    columns = busy.mart.rows("SELECT table_name, column_name, comment FROM duckdb_columns() WHERE schema_name = 'mart'")
    assert [row for row in columns if not row["comment"]] == []


def test_figures_are_decimals(busy: Ran) -> None:
    types = busy.mart.rows("SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = 'mart'")
    assert [row for row in types if row["data_type"] in ("FLOAT", "DOUBLE")] == []
    by_name = {row["column_name"]: row["data_type"] for row in types}
    for exact in ("index_exact", "value_exact", "score", "points", "points_blocked", "points_together"):
        assert by_name[exact] == "DECIMAL(18,10)"
    for shown in ("index_value", "domain_value", "aspect_value", "low", "likely", "high", "change_1d", "gap_to_target"):
        assert by_name[shown] == "DECIMAL(4,2)"


def test_parquet_holds_the_same_rows(run: Nights, busy: Ran) -> None:
    folder = run.settings.published_dir / "parquet"
    tables = busy.mart.values("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'mart' ORDER BY ALL")
    assert sorted(path.stem for path in folder.glob("*.parquet")) == tables
    for table in tables:
        parquet = f"read_parquet('{folder / table}.parquet')"
        assert busy.mart.values(
            f"SELECT (SELECT count(*) FROM (FROM mart.{table} EXCEPT ALL FROM {parquet})) "
            f"+ (SELECT count(*) FROM (FROM {parquet} EXCEPT ALL FROM mart.{table}))"
        ) == [0], table


def test_others_may_read_what_is_published_and_nothing_else(run: Nights, busy: Ran) -> None:
    def mode(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    published = run.settings.published_dir
    assert busy.outcome.published is not None
    assert mode(run.settings.warehouse_path) == 0o600
    assert {mode(path) for path in (published, published / "parquet")} == {0o755}
    assert {mode(path) for path in (*published.glob("*.duckdb"), *published.glob("parquet/*"))} == {0o644}
    assert {path.name for path in published.iterdir()} >= {"spbe.duckdb", "parquet"}
    assert [path.name for path in published.iterdir() if path.name.startswith(".")] == []


def test_an_open_reader_keeps_its_file_while_another_is_put_in_place(run: Nights) -> None:
    run(district(answers(2)))
    with duckdb.connect(str(run.settings.published_path), read_only=True) as reader:
        before = reader.execute("FROM mart.index_snapshot").fetchall()
        ran = run(district(answers(4)), night(2))
        assert reader.execute("FROM mart.index_snapshot").fetchall() == before
        assert reader.execute("SELECT count(*) FROM mart.indicator_snapshot").fetchall() == [(47,)]
    assert len(ran.mart.rows("FROM mart.index_snapshot")) == 2
    with duckdb.connect(str(run.settings.published_path), read_only=True) as reader:
        assert reader.execute("SELECT count(*) FROM mart.index_snapshot").fetchall() == [(2,)]


def test_a_worksheet_that_nobody_knows_is_told_once(run: Nights) -> None:
    one = district(answers())
    one = replace(one, books={**one.books, "a": {**penilaian(*answers()), "Coretan": [["x"]]}})
    assert any('"Coretan" tidak dikenal' in note for note in run(one).outcome.notes)
    assert run(one, night(2)).outcome.notes == ()


def test_hidden_ecosystem_worksheets_fail_nobody(run: Nights) -> None:
    one = district(answers())
    book = {**penilaian(*answers()), "Aplikasi": [["tanpa judul"]], "Peta Rencana": []}
    assert run(replace(one, books={**one.books, "a": book})).outcome.exit_code == 0


def test_two_institutions_of_one_code_are_not_mixed(run: Nights) -> None:
    class Twice(FakeSource):
        def registers(self):  # type: ignore[no-untyped-def]
            first, second = super().registers()
            return [first, replace(second, key="lain")]

    ran = run(Twice([district(answers()), district(answers(5))]))
    assert ran.outcome.exit_code == 10
    assert "sudah dipakai" in ran.outcome.failures[0].reason
    assert index(ran.mart)["answered_count"] == 10


def test_an_empty_workbook_object_is_a_failure_by_name(run: Nights) -> None:
    one = district(answers())
    ran = run(replace(one, books={**one.books, "b": Workbook("b", ())}))
    assert [failure.opd_code for failure in ran.outcome.failures] == ["B"]
