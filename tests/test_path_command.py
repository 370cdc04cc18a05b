"""`spbe-etl path` and mart.target_step: what's published, asked for and told is one answer."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import FOUR_OPD, INTERNAL, OFFICIAL, District, Nights, answer, ask_command, penilaian

from spbe_etl.cli.path import _caution
from spbe_etl.errors import SpbeError
from spbe_etl.instruments import load_instruments
from spbe_etl.resources import seed
from spbe_etl.sample import write_sample


@pytest.fixture(scope="module")
def published(module_run: Nights) -> Nights:
    """All at 3 by the carrier; two OPD below the gate of 13, whose score stops at 2; a verdict on one indicator."""
    carriers = [("spbe-2020", no, "A", "SEMUA") for no in range(1, 48)]
    books = {
        "a": penilaian(*(answer(2025, no, 3 if no != 47 else 2) for no in range(1, 48))),
        "b": penilaian(*(answer(2025, no, 3 if no != 13 else 1) for no in range(1, 48))),
        "c": penilaian(*(answer(2025, no, 3) for no in range(1, 48) if no != 13)),
    }
    verdicts = [(2024, 1, INTERNAL, 2, "Tim", None, None)]
    module_run(
        District(opd=FOUR_OPD[:3], carriers=carriers, books=books, verdicts=verdicts, targets=[(2025, "3,05", None)])
    )
    return module_run


def test_the_default_path_is_what_is_published(published: Nights) -> None:
    told = ask_command(published, "path")
    rows = published.reopen().rows("FROM mart.target_step ORDER BY step_no")
    assert told["steps"] == [
        {name: f"{value:f}" if isinstance(value, Decimal) else value for name, value in row.items()}
        for row in ({name: row[name] for name in told["steps"][0]} for row in rows)
    ]
    index = published.reopen().row("SELECT index_exact FROM mart.index_snapshot WHERE year = 2025")["index_exact"]
    assert (told["start_index"], told["target"], told["is_reachable"]) == (f"{index:f}", "3.05", True)
    assert Decimal(told["index_after"]) == index + sum(Decimal(step["points"]) for step in told["steps"])
    assert Decimal(told["total_cost"]) == sum(Decimal(step["cost"]) for step in told["steps"])


def test_the_pessimistic_plan_aims_at_the_predicate_with_a_reserve(published: Nights) -> None:
    """Without history the reserve is the heaviest single level, 5 percent of indicator 47; Baik starts at 2.60."""
    told = ask_command(published, "path", "--target", "2.99")["pessimistic"]
    reserve = published.reopen().row("SELECT max(weight_pct) / 100 AS heaviest FROM mart.sensitivity WHERE year = 2025")
    assert (told["aim"], told["case_count"], told["reserve"]) == ("2.99", 0, "0.03")
    assert abs(float(reserve["heaviest"]) - 0.03) <= 0.01
    assert Decimal(ask_command(published, "path", "--target", "3.50")["pessimistic"]["aim"]) == Decimal("3.53")
    mart = published.reopen()
    plan = mart.row("FROM mart.path WHERE plan = 'pessimistic'")
    steps = mart.rows("FROM mart.pessimistic_step ORDER BY step_no")
    assert plan["aim"] == max(plan["target_index"], Decimal("2.60") + plan["reserve"])
    assert (plan["step_count"], plan["index_after"]) == (len(steps), steps[-1]["index_after"])
    assert plan["total_cost"] == sum(step["cost"] for step in steps)


def test_a_falling_history_makes_the_reserve(run: Nights) -> None:
    """Every claim of 2024 fell by one level: the plan for 2025 keeps what such a fall would take."""
    carriers = [("spbe-2020", no, "A", None) for no in range(1, 48)]
    books = {"a": penilaian(*(answer(year, no, 3) for year in (2024, 2025) for no in range(1, 48)))}
    verdicts = [(2024, no, OFFICIAL, 2, None, None, None) for no in range(1, 48)]
    district = District(
        opd=FOUR_OPD[:1], carriers=carriers, verdicts=verdicts, targets=[(2025, "2,63", None)], books=books
    )
    mart = run(district).mart
    estimate = mart.row("FROM mart.official_estimate WHERE year = 2025")
    plan = mart.row("FROM mart.path WHERE plan = 'pessimistic'")
    assert 2 < estimate["expected_value"] < Decimal("2.1")
    assert plan["reserve"] == 3 - estimate["interval_low"] > 1
    assert plan["aim"] == Decimal("2.60") + plan["reserve"]
    assert mart.row("FROM mart.path WHERE plan = 'target'")["step_count"] == 0
    assert plan["step_count"] > 0


def test_a_closed_gate_costs_every_opd_that_has_to_move(published: Nights) -> None:
    option = published.reopen().row(
        "SELECT * FROM mart.step_option WHERE year = 2025 AND indicator_no = '13' AND to_level = 3"
    )
    (effort,) = (Decimal(row["effort"]) for row in seed("effort") if row["effort_kind"] == "opd")
    assert (option["from_score"], option["moving_opd"], option["cost"]) == (2, 2, 2 * effort)
    above = published.reopen().row(
        "SELECT * FROM mart.step_option WHERE year = 2025 AND indicator_no = '13' AND to_level = 4"
    )
    (planning,) = (
        Decimal(row["effort"]) for row in seed("effort") if (row["effort_kind"], row["to_level"]) == ("planning", "4")
    )
    assert (above["moving_opd"], above["cost"]) == (0, planning)


def test_costs_of_ones_own_take_the_place_of_the_seeds(published: Nights, tmp_path: Path) -> None:
    file = tmp_path / "biaya.csv"
    file.write_text("indicator_no,to_score,cost\n47,3,0\n47,4,0.5\n", encoding="utf-8")
    told = ask_command(published, "path", "--target", "3.00", "--costs", str(file))
    assert (told["steps"][0]["indicator_no"], told["steps"][0]["cost"]) == ("47", "0.0000000000")


def test_limits_are_kept(published: Nights) -> None:
    without = ask_command(published, "path", "--without", "47", "--without", "13")
    assert not {"13", "47"} & {step["indicator_no"] for step in without["steps"]}
    assert ask_command(published, "path", "--by", "2026-11-24", "--target", "5")["steps"] == []
    budget = ask_command(published, "path", "--budget", "7")
    assert Decimal(budget["total_cost"]) <= 7
    assert budget["target"] == "3.05"


def test_out_of_reach_is_no_error(published: Nights) -> None:
    told = ask_command(published, "path", "--target", "5.01")
    assert (told["is_reachable"], told["index_after"]) == (False, "5.0000000000")
    assert ask_command(published, "path", "--target", "1.00")["steps"] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--target", "banyak"], "--target banyak"),
        (["--target", "NaN"], "--target NaN"),
        (["--budget", "-1"], "--budget -1"),
        (["--without", "99"], "Indicator 99"),
        (["--opd", "NOBODY"], "--opd NOBODY"),
        (["--year", "2030"], "No index is published"),
        (["--year", "2024", "--stage", "confirmed"], "has no target"),
        (["--costs", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_a_wrong_call_is_told(published: Nights, arguments: list[str], said: str) -> None:
    with pytest.raises(SpbeError, match=said):
        ask_command(published, "path", *arguments)


@pytest.mark.parametrize(
    "line", ["16,3,4,5", "16,3,-1", "16,3.5,1", "16,3,banyak", "99,3,1", "16,9,1", "16,3,NaN", "16,3,1\n16,3,2", ",,"]
)
def test_a_wrong_cost_is_told_with_its_line(published: Nights, tmp_path: Path, line: str) -> None:
    file = tmp_path / "biaya.csv"
    file.write_text(f"indicator_no,to_score,cost\n{line}\n", encoding="utf-8")
    with pytest.raises(SpbeError, match=r"biaya|Indicator"):
        ask_command(published, "path", "--costs", str(file))


@pytest.mark.parametrize(
    "content", ["", "12,2,0\n", "indicator_no,to_score,cost\n", "indicator_no,cost,cost\n12,2,1\n"]
)
def test_a_costs_file_without_its_first_line_or_any_other_is_told(
    published: Nights, tmp_path: Path, content: str
) -> None:
    file = tmp_path / "biaya.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(SpbeError, match="the first line must be"):
        ask_command(published, "path", "--costs", str(file))


def test_a_code_is_known_in_any_case(run: Nights) -> None:
    carriers = [("spbe-2020", 1, "A", None)]
    books = {"a": penilaian(answer(2025, 1, 3), answer(2025, 2, "x"))}
    run(District(code="Sel.A01", opd=FOUR_OPD[:1], carriers=carriers, books=books))
    assert len(ask_command(run, "rejections", "--institution", "SEL.A01")) == 1


def test_every_indicator_has_an_effort_for_every_level() -> None:
    kinds = {(row["effort_kind"], int(row["to_level"])): Decimal(row["effort"]) for row in seed("effort")}
    assert all(effort > 0 for effort in kinds.values())
    told = {(row["instrument_code"], row["indicator_no"]): row["effort_kind"] for row in seed("indicator_effort")}
    for code, instrument in load_instruments().items():
        for one in instrument.indicators:
            for level in range(int(instrument.lowest_score) + 1, int(instrument.highest_score) + 1):
                assert (told[code, one.no], level) in kinds
    assert len(told) == sum(len(one.indicators) for one in load_instruments().values())


def test_the_example_of_the_docs(run: Nights, tmp_path: Path) -> None:
    """docs/path.md, An example."""
    write_sample(tmp_path / "sample")
    run(tmp_path / "sample", night=date(2026, 11, 24), now=datetime(2026, 11, 24, 18, tzinfo=UTC))
    told = ask_command(run, "path", "--institution", "73.01", "--year", "2025")
    first = told["steps"][0]
    assert (told["start_index"], told["index_after"], told["total_cost"]) == (
        "2.3325000000",
        "2.6250000000",
        "33.0000000000",
    )
    assert (first["indicator_no"], first["points"], first["cost"]) == ("12", "0.0250000000", "2.0000000000")
    assert Decimal(first["to_score"]) == 2


@pytest.mark.parametrize(
    ("aim", "told"),
    [("8.20", "tidak dapat dijaga dengan indeks berapa pun"), ("4.90", "hanya pada 4,90, di luar jangkauan")],
)
def test_a_predicate_that_no_index_keeps_is_said_so(aim: str, told: str) -> None:
    plan = {"reserve": Decimal("3.20"), "case_count": 5, "aim": Decimal(aim), "is_reachable": False, "steps": []}
    (said,) = _caution({"instrument_code": "spbe-2020"}, {"pessimistic": plan, "steps": []})
    assert told in said
