"""From tonight's scores to the cheapest path of every institution with a target; each case is solved once, ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib.metadata import version
from pathlib import Path as File
from typing import Any

import pyarrow as pa

from spbe_etl.paths import Option, Path, Step, cheapest_path
from spbe_etl.resources import fingerprint
from spbe_etl.warehouse import Warehouse

CORES = 2
PLACES = 10
EXACT = pa.decimal128(18, PLACES)
STEP = pa.struct(
    [
        ("step_no", pa.int32()),
        ("indicator_no", pa.string()),
        ("from_score", EXACT),
        ("to_score", EXACT),
        ("points", EXACT),
        ("cost", EXACT),
        ("index_after", EXACT),
    ]
)


@cache
def planning_version() -> str:
    """What tells one way of finding paths from another."""
    here = File(__file__)
    return fingerprint([here, here.with_name("paths.py")], version("highspy"))


def plan(warehouse: Warehouse) -> None:
    """Find the paths that aren't known yet of the institutions in memory."""
    warehouse.set_variables({"planning_version": planning_version()})
    warehouse.run("core/path_case")
    cases = warehouse.rows(
        "SELECT DISTINCT ON (case_hash) * FROM core.path_case "
        "ANTI JOIN (FROM read.path WHERE planning_version = getvariable('planning_version')) USING (case_hash)"
    )
    if cases:
        _learn(warehouse, cases)
    warehouse.run("core/path_step")


def _learn(warehouse: Warehouse, cases: Sequence[Mapping[str, Any]]) -> None:
    """Solve these cases and remember what was found."""
    with ThreadPoolExecutor(CORES) as pool:
        found = list(pool.map(_solve, cases))
    table = pa.table(
        {
            "case_hash": pa.array([case["case_hash"] for case in cases], pa.string()),
            "steps": pa.array([[step_row(step) for step in path.steps] for path in found], pa.list_(STEP)),
        }
    )
    warehouse.register("landed_path", table)
    warehouse.execute("INSERT INTO read.path SELECT case_hash, getvariable('planning_version'), steps FROM landed_path")


def exact(value: Fraction, places: int = PLACES) -> Decimal:
    """A figure as it's published: with ten decimals, or with two as it's shown; rounded once, a tie upwards."""
    shifted = value * 10**places
    return Decimal((2 * shifted.numerator + shifted.denominator) // (2 * shifted.denominator)).scaleb(-places)


def step_row(step: Step) -> dict[str, Any]:
    """A step as the columns of mart.target_step that are its own."""
    return {
        "step_no": step.step_no,
        "indicator_no": step.option.indicator_no,
        "from_score": step.option.from_score,
        "to_score": step.option.to_score,
        "points": exact(step.option.points),
        "cost": exact(Fraction(step.option.cost)),
        "index_after": exact(step.index_after),
    }


def _solve(case: Mapping[str, Any]) -> Path:
    unit = Fraction(1, case["index_denominator"] // 10000)
    options = [
        Option(
            one["indicator_no"],
            one["from_score"],
            one["to_score"],
            Fraction(one["to_score"] - one["from_score"]) * one["weight_units"] * unit,
            one["cost"],
        )
        for one in case["options"]
    ]
    start = Fraction(int(case["index_numerator"]), case["index_denominator"])
    return cheapest_path(start, options, case["aim"])
