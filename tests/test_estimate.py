"""How much claims fall, and what official index that leads one to expect: mart.claim_fall, mart.official_estimate."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import FOUR_OPD, OFFICIAL, District, Mart, Nights, answer, penilaian

CASES = {one["case"]: one for one in json.loads((Path(__file__).parent / "cases" / "published.json").read_text())}
CLAIMED = CASES["DPS2021-self"]["scores"]
FOUND = CASES["DPS2021"]["scores"]


@pytest.fixture(scope="module")
def denpasar(module_run: Nights) -> Mart:
    """Denpasar 2021, by itself and by the ministry; in 2022 it claims the same again, in 2023 a third of it."""
    answers = [answer(year, no, score) for year in (2021, 2022) for no, score in CLAIMED.items()]
    answers += [answer(2023, no, CLAIMED[no]) for no in list(CLAIMED)[:16]]
    verdicts = [(2021, no, OFFICIAL, score, None, None, None) for no, score in FOUND.items()]
    carriers = [("spbe-2020", no, "A", None) for no in CLAIMED]
    district = District(
        "51.71", opd=FOUR_OPD[:1], carriers=carriers, verdicts=verdicts, books={"a": penilaian(*answers)}
    )
    return module_run(district).mart


def estimate(mart: Mart, year: int, stage: str = "proposed") -> tuple[object, ...]:
    (row,) = mart.rows(f"FROM mart.official_estimate WHERE year = {year} AND stage = '{stage}'")
    return row["low"], row["expected_value"], row["interval_low"], row["interval_high"], row["case_count"]


def test_claims_like_those_of_2021_are_expected_to_end_near_what_the_ministry_found(denpasar: Mart) -> None:
    """3.7495 was claimed, 3.1925 found."""
    low, expected, interval_low, interval_high, case_count = estimate(denpasar, 2022)
    assert (low, case_count) == (Decimal("3.75"), 47)
    assert abs(expected - Decimal("3.1925")) < Decimal("0.05")
    assert interval_low < expected < interval_high


def test_a_year_isn_t_estimated_from_itself_nor_from_later_ones(denpasar: Mart) -> None:
    assert estimate(denpasar, 2021)[1:] == (None, None, None, 0)


def test_an_official_result_is_no_estimate(denpasar: Mart) -> None:
    assert estimate(denpasar, 2021, "official") == (Decimal("3.19"), None, None, None, 0)


def test_what_isn_t_answered_doesn_t_fall(denpasar: Mart) -> None:
    low, expected, interval_low, _, _ = estimate(denpasar, 2023)
    assert interval_low >= 1
    assert Decimal("0.10") < low - expected < Decimal("0.30")


def test_falls_of_an_aspect_are_drawn_towards_those_of_all(denpasar: Mart) -> None:
    """(sum of the aspect's falls + 10 x fall of all) / (its cases + 10), worked out by hand for aspect 2 of 2022."""
    (row,) = denpasar.rows("FROM mart.claim_fall WHERE year = 2022 AND stage = 'proposed' AND aspect_no = 2")
    falls = [int(CLAIMED[str(no)]) - int(FOUND[str(no)]) for no in range(1, 48)]
    mine = falls[10:14]
    whole = Decimal(sum(falls)) / (47 + 2)
    assert row["case_count"] == 4
    assert row["mean_fall"] == Decimal(sum(mine)) / 4
    assert row["expected_fall"] == ((sum(mine) + 10 * whole) / 14).quantize(Decimal("0.0001"))


def test_the_note_says_what_it_rests_on(denpasar: Mart) -> None:
    (told,) = denpasar.rows("FROM mart.official_estimate WHERE year = 2022")
    assert told["note"].startswith(
        "Taksiran, bukan hasil. Dari 47 nilai sendiri (usulan atau asesor internal) tahun 2021"
    )


def test_few_cases_leave_a_wide_interval(run: Nights) -> None:
    """One claim that fell by two levels says little of the next year's."""
    carriers = [("spbe-2020", "1", "A", None)]
    verdicts = [(2021, "1", OFFICIAL, 2, None, None, None)]
    books = {"a": penilaian(*(answer(year, "1", 4) for year in (2021, 2022)))}
    mart = run(District(opd=FOUR_OPD[:1], carriers=carriers, verdicts=verdicts, books=books)).mart
    low, expected, interval_low, interval_high, case_count = estimate(mart, 2022)
    assert (low, expected, case_count) == (Decimal("1.04"), Decimal("1.03"), 1)
    assert (interval_low, interval_high) == (Decimal("1.00"), Decimal("1.07"))


def test_claims_that_rose_make_no_pessimistic_value_above_the_index(run: Nights) -> None:
    carriers = [("spbe-2020", no, "A", None) for no in range(1, 48)]
    verdicts = [(2021, no, OFFICIAL, 3, None, None, None) for no in range(1, 48)]
    books = {"a": penilaian(*(answer(year, no, 2) for year in (2021, 2022) for no in range(1, 48)))}
    targets = [(2022, "2,6", None)]
    mart = run(District(opd=FOUR_OPD[:1], carriers=carriers, verdicts=verdicts, targets=targets, books=books)).mart
    row = mart.row("FROM mart.official_estimate WHERE year = 2022")
    assert (row["low"], row["pessimistic_value"]) == (2, 2)
    assert Decimal("2.9") < row["expected_value"] < 3
    assert mart.row("FROM mart.path WHERE plan = 'pessimistic'")["reserve"] == 0
    assert mart.row("FROM mart.official_estimate WHERE stage = 'official'")["pessimistic_value"] == 3
