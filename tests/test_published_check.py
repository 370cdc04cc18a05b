"""mart.published_check: what follows from its own published parts is never flagged, what can't is."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest
from conftest import FOUR_OPD, District, Nights, Row, answer, penilaian

from spbe_etl.instruments import Instrument, load_instruments

YEARS = {2019: "spbe-2018", 2023: "spbe-2020", 2026: "pemdi-2026"}
SLIPS = {("Kementerian", 2023, "Domain 3"), ("Kementerian", 2023, "Indeks"), ("Kota", 2023, "Indeks")}
"""Averages of official reports that can't follow from their own parts: the ministries' domain 3 from its aspects, so
their index from all aspects; the cities' index (their domains give 3.02)."""


def figures(year: int, source: str, scores: dict[str, Fraction], digits: int) -> Iterator[Row]:
    """Every part of a result, each rounded by itself from the exact scores."""
    instrument = load_instruments()[YEARS[year]]
    for name, parts in wholes(instrument).items():
        total = sum(one.weight for one in parts)
        value = sum((scores[one.no] * one.weight for one in parts), Fraction()) / total
        yield (year, "Kabupaten Contoh", name, rounded(value, digits), source)
    for one in instrument.indicators:
        yield (year, "Kabupaten Contoh", f"Indikator {one.no}", rounded(scores[one.no], digits), source)


def wholes(instrument: Instrument) -> dict[str, list[Any]]:
    """Each whole's indicators."""
    domain_of = {aspect.no: aspect.domain_no for aspect in instrument.aspects}
    found: dict[str, list[Any]] = {"Indeks": list(instrument.indicators)}
    for one in instrument.indicators:
        found.setdefault(f"Aspek {one.aspect_no}", []).append(one)
        if domain_of[one.aspect_no]:
            found.setdefault(f"Domain {domain_of[one.aspect_no]}", []).append(one)
    return found


def rounded(value: Fraction, digits: int) -> str:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return str(exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)).replace(".", ",")


def check(run: Nights, published: list[Row]) -> list[dict[str, Any]]:
    books = {"a": penilaian(answer(2025, 1, 3))}
    ran = run(District(opd=FOUR_OPD[:1], books=books, published=published))
    assert ran.mart.values("SELECT count(*) FROM mart.rejected_row WHERE worksheet = 'Hasil Terbit'") == [0]
    return ran.mart.rows("FROM mart.published_check WHERE institution_code IS NOT NULL")


def test_averages_that_cannot_be_true_are_flagged_and_no_others(run: Nights) -> None:
    run(District(opd=FOUR_OPD[:1], books={"a": penilaian(answer(2025, 1, 3))}))
    rows = run.reopen().rows("FROM mart.published_check WHERE institution_code IS NULL")
    assert {(row["institution"], row["year"], row["part"]) for row in rows if row["is_consistent"] is False} == SLIPS
    checked = {row["part"].split()[0] for row in rows if row["is_consistent"]}
    assert (checked, len(rows)) == ({"Indeks", "Domain"}, 21 * 13)


@pytest.mark.parametrize("year", YEARS)
def test_what_follows_from_its_parts_is_never_flagged(run: Nights, year: int) -> None:
    chance = random.Random(year)
    instrument = load_instruments()[YEARS[year]]
    published: list[Row] = []
    for number in range(40):
        scores = {one.no: Fraction(chance.randint(100, 500), 100) for one in instrument.indicators}
        if number % 2:
            scores = {no: Fraction(int(score)) for no, score in scores.items()}
        published += figures(year, f"sumber {number}", scores, 2 + number % 3)
    rows = check(run, published)
    told = [row for row in rows if not row["part"].startswith("Indikator")]
    assert len(told) == 40 * len(wholes(instrument))
    assert {row["is_consistent"] for row in told} == {True}
    assert {row["is_consistent"] for row in rows if row["part"].startswith("Indikator")} == {None}


@pytest.mark.parametrize("year", YEARS)
def test_a_whole_that_cannot_follow_is_flagged_at_the_whole(run: Nights, year: int) -> None:
    instrument = load_instruments()[YEARS[year]]
    scores = {one.no: Fraction(3) for one in instrument.indicators}
    right = list(figures(year, "benar", scores, 2))
    off = [(*row[:3], "3,02", "salah") if row[2] == "Aspek 1" else (*row[:4], "salah") for row in right]
    rows = {row["part"]: row for row in check(run, [*right, *off]) if row["source"] == "salah"}
    flagged = {part for part, row in rows.items() if row["is_consistent"] is False}
    assert "Aspek 1" in flagged
    assert not {part for part in flagged if part.startswith("Indikator")}
    assert rows["Aspek 1"]["computed_value"] == 3
    assert rows["Aspek 1"]["published_value"] == Decimal("3.02")


def test_incomplete_parts_say_nothing(run: Nights) -> None:
    published: list[Row] = [
        (2023, "Kabupaten Contoh", part, "2,10", "x") for part in ("Indeks", "Domain 1", "Domain 2")
    ]
    assert {row["is_consistent"] for row in check(run, published)} == {None}


def test_a_figure_that_stands_there_twice_with_fewer_decimals_counts_once(run: Nights) -> None:
    domains = [(2023, "Kabupaten Contoh", f"Domain {no}", "2,50", "LHE") for no in range(1, 5)]
    again = [(2023, "Kabupaten Contoh", "Domain 1", "2,5", "LHE")]
    rows = check(run, [*domains, *again, (2023, "Kabupaten Contoh", "Indeks", "2,50", "LHE")])
    assert [row["is_consistent"] for row in rows if row["part"] == "Indeks"] == [True]
    assert len(rows) == 5
