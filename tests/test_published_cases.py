"""Published results through the whole pipeline, workbooks in and mart out: as verdicts and as an OPD's answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from conftest import OFFICIAL, District, Mart, Nights, answer, penilaian

CASES: Sequence[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "cases" / "published.json").read_text(encoding="utf-8")
)
EXTERNAL = {"pemdi-2026": {"5", "6", "7", "18"}}


@dataclass(frozen=True)
class Way:
    """How a case comes in: as which files, and as whose scores."""

    files: str
    stage: str

    def code(self, position: int) -> str:
        return f"{self.files}-{self.stage}-{position}"

    def district(self, position: int, case: dict[str, Any]) -> District:
        year, scores = case["year"], case["scores"].items()
        # an .xlsx holds numbers, a .csv only text
        values = {no: Decimal(score) if self.files == "xlsx" else score for no, score in scores}
        opd = [("A", "Dinas A", "Dinas", "a", "Ya")]
        if self.stage == "official":
            verdicts = [(year, no, OFFICIAL, value, "Asesor", None) for no, value in values.items()]
            return District(self.code(position), opd=[("A", "Dinas A")], verdicts=verdicts)
        rows = [answer(year, no, value) for no, value in values.items()]
        carriers = [(case["instrument"], no, "A", None) for no in values]
        return District(self.code(position), opd=opd, carriers=carriers, books={"a": penilaian(*rows)})


WAYS = [Way(files, stage) for files in ("xlsx", "csv") for stage in ("official", "proposed")]
EVERY_CASE = pytest.mark.parametrize(
    "position",
    [pytest.param(position, id=case["case"]) for position, case in enumerate(CASES)],
)
EVERY_WAY = pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.files}-{way.stage}")


@pytest.fixture(scope="module")
def marts(module_run: Nights) -> Callable[[str], Mart]:
    """The published file with all cases of an instrument, each an institution of its own in every way."""

    @cache
    def mart_of(instrument: str) -> Mart:
        folder = module_run.folder / instrument
        for way in WAYS:
            for position, case in enumerate(CASES):
                if case["instrument"] == instrument:
                    district = way.district(position, case)
                    write = district.write_xlsx if way.files == "xlsx" else district.write_csv
                    write(folder / way.code(position))
        ran = module_run.fresh()(folder)
        assert (ran.outcome.exit_code, ran.outcome.failures, dict(ran.outcome.refused)) == (0, (), {})
        return ran.mart

    return mart_of


@pytest.fixture
def mart(marts: Callable[[str], Mart], position: int) -> Mart:
    return marts(CASES[position]["instrument"])


@EVERY_WAY
@EVERY_CASE
def test_the_index_is_the_published_one(mart: Mart, way: Way, position: int) -> None:
    case = CASES[position]
    index = mart.row("FROM mart.index_snapshot WHERE institution_code = ?", [way.code(position)])
    assert (index["year"], index["stage"], index["instrument_code"]) == (case["year"], way.stage, case["instrument"])
    assert str(index["index_value"]) == case["index"]
    if case["predicate"]:
        assert index["predicate"] == case["predicate"]
    if "exact" in case:
        assert index["index_exact"] == Decimal(case["exact"])
    pending = len(EXTERNAL.get(case["instrument"], ())) if way.stage == "proposed" else 0
    assert index["indicator_count"] == len(case["scores"])
    assert index["answered_count"] == len(case["scores"]) - pending


@EVERY_WAY
@EVERY_CASE
def test_its_parts_are_the_published_ones(mart: Mart, way: Way, position: int) -> None:
    case = CASES[position]
    for part in ("domain", "aspect"):
        values = mart.values(
            f"SELECT {part}_value FROM mart.{part}_snapshot WHERE institution_code = ? ORDER BY {part}_no",
            [way.code(position)],
        )
        if case[f"{part}s"]:
            assert [str(value) for value in values] == case[f"{part}s"]
        else:
            assert bool(values) == (part == "aspect" or case["instrument"] != "pemdi-2026")


@EVERY_WAY
@EVERY_CASE
def test_each_score_is_traced_to_its_cell(mart: Mart, way: Way, position: int) -> None:
    rows = mart.rows("FROM mart.indicator_snapshot WHERE institution_code = ? AND is_answered", [way.code(position)])
    row_nos = {no: row_no for row_no, no in enumerate(CASES[position]["scores"], start=2)}
    assert rows
    for row in rows:
        assert row["worksheet"] == ("Verifikasi" if way.stage == "official" else "Penilaian")
        assert row["cell"] == f"D{row_nos[row['indicator_no']]}"
        assert row["score"] == Decimal(CASES[position]["scores"][row["indicator_no"]])
