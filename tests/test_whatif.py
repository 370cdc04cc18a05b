"""`spbe-etl whatif` and mart.sensitivity: the same exact sum with scores exchanged."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from conftest import FOUR_OPD, District, Nights, answer, ask_command, penilaian

from spbe_etl.errors import SpbeError
from spbe_etl.instruments import load_instruments
from spbe_etl.planning import exact

SCORES = {no: 3 if no % 3 else 2 for no in range(1, 48)} | {47: 1}
NEAR = Fraction(1, 10**6)


@pytest.fixture(scope="module")
def published(module_run: Nights) -> Nights:
    """One OPD carries everything; the index stands at 2.62, not far above the bound of Baik."""
    carriers = [("spbe-2020", no, "A", None) for no in SCORES]
    books = {"a": penilaian(*(answer(2025, no, score) for no, score in SCORES.items()))}
    module_run(District(opd=FOUR_OPD[:1], carriers=carriers, books=books))
    return module_run


def index_of(scores: dict[int, int]) -> Fraction:
    weights = {one.no: one.weight for one in load_instruments()["spbe-2020"].indicators}
    return sum((score * weights[str(no)] / 100 for no, score in scores.items()), Fraction())


def test_a_change_moves_the_index_by_its_points(published: Nights) -> None:
    told = ask_command(published, "whatif", "16=4", "47=3")
    after = index_of(SCORES | {16: 4, 47: 3})
    assert Decimal(told["index_before"]) == exact(index_of(SCORES))
    assert (Decimal(told["index_after"]), Decimal(told["value_after"])) == (exact(after), exact(after, 2))
    assert sum(Decimal(one["points"]) for one in told["changes"]) == exact(after - index_of(SCORES))
    assert {one["indicator_no"] for one in told["changes"]} == {"16", "47"}


def test_a_scenario_is_kept_as_a_file(published: Nights, tmp_path: Path) -> None:
    file = tmp_path / "rencana.txt"
    file.write_text("# rencana 2027\n16 = 4  # pusat data\n\n47=3\n", encoding="utf-8")
    assert ask_command(published, "whatif", "--scenario", str(file)) == ask_command(published, "whatif", "16=4", "47=3")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["16"], "INDICATOR=SCORE"),
        (["16=9"], "go from 1 to 5 in whole levels"),
        (["16=2.5"], "whole levels"),
        (["99=3"], "Indicator 99"),
        (["16=3", "16=4"], "changed twice"),
        ([], "Say what to change"),
        (["--scenario", "nowhere.txt"], r"nowhere\.txt"),
    ],
)
def test_a_wrong_change_is_told(published: Nights, arguments: list[str], said: str) -> None:
    with pytest.raises(SpbeError, match=said):
        ask_command(published, "whatif", *arguments)


def test_sensitivity_is_the_index_with_one_score_exchanged(published: Nights) -> None:
    bounds = sorted(one.from_index for one in load_instruments()["spbe-2020"].predicates)

    def predicate(index: Fraction) -> Decimal:
        return max(bound for bound in bounds if bound <= exact(index, 2))

    rows = {int(row["indicator_no"]): row for row in published.reopen().rows("FROM mart.sensitivity")}
    assert rows.keys() == SCORES.keys()
    now = index_of(SCORES)
    for no, score in SCORES.items():
        down, up = index_of(SCORES | {no: max(score - 1, 1)}), index_of(SCORES | {no: min(score + 1, 5)})
        assert (rows[no]["index_down"], rows[no]["index_up"]) == (exact(down), exact(up))
        assert rows[no]["loses_predicate"] == (predicate(down) != predicate(now))
        assert rows[no]["wins_predicate"] == (predicate(up) != predicate(now))
    assert abs(sum(row["contribution_pct"] for row in rows.values()) - 100) < NEAR


def test_some_indicator_alone_decides_the_predicate(published: Nights) -> None:
    """So that the test above says something."""
    decisive = "SELECT count(*) FROM mart.sensitivity WHERE loses_predicate OR wins_predicate"
    assert 0 < published.reopen().values(decisive)[0] < len(SCORES)


def test_a_figure_is_rounded_once() -> None:
    assert exact(Fraction(259499999999999, 10**14), 2) == Decimal("2.59")
    assert exact(Fraction(2595, 1000), 2) == Decimal("2.60")
