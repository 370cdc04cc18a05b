"""The cheapest way up: which indicators to raise, by how many levels, so that the index reaches a target.

An integer programme over single steps, solved by HiGHS to proven optimality; figures are exact fractions and integers,
and every answer is checked with them. A step raises one indicator to its next whole level.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import groupby, pairwise
from math import ceil, inf, lcm
from typing import Any

from spbe_etl.errors import PublicationError

HALF = 0.5
HALF_A_CENT = Fraction(1, 200)
INDICATORS_AT_ONCE = 7
"""Ties are settled some indicators at a time: their step counts are the digits of one whole number."""


@dataclass(frozen=True)
class Option:
    """One step that could be taken. `points`: what the index gains; `cost` in units of effort.

    Options of an indicator follow each other, lowest level first; indicators stand in their instrument's order.
    """

    indicator_no: str
    from_score: Decimal
    to_score: Decimal
    points: Fraction
    cost: Decimal
    opd_code: str | None = None


@dataclass(frozen=True)
class Step:
    """A step of a path, and the exact index after it and those before it."""

    step_no: int
    option: Option
    index_after: Fraction


@dataclass(frozen=True)
class Path:
    """Steps from an index to a target. Out of reach: `is_reachable` False, the steps lead to the highest index."""

    start_index: Fraction
    target: Decimal | None
    is_reachable: bool
    steps: tuple[Step, ...]

    @property
    def index_after(self) -> Fraction:
        """The exact index at the end."""
        return self.steps[-1].index_after if self.steps else self.start_index

    @property
    def total_cost(self) -> Decimal:
        """What all steps cost."""
        return sum((step.option.cost for step in self.steps), Decimal())


def threshold(target: Decimal) -> Fraction:
    """The lowest exact index that is published as the target or more: shown ones are rounded half up."""
    return Fraction(ceil(Fraction(target) * 100), 100) - HALF_A_CENT


def cheapest_path(start: Fraction, options: Sequence[Option], target: Decimal) -> Path:
    """The least cost to a target; among equal costs fewer steps, then lower indicator numbers."""
    need = threshold(target) - start
    if need <= 0:
        return Path(start, target, True, ())
    if sum(one.points for one in options) < need:
        return _path(start, target, options)
    problem = _Problem(options)
    problem.require(problem.gains, least=ceil(need * problem.gain_unit))
    problem.minimise(problem.costs)
    return _path(start, target, _settle_ties(problem))


def best_path(start: Fraction, options: Sequence[Option], budget: Decimal, target: Decimal | None = None) -> Path:
    """The most index that a budget buys; among equals the lower cost, fewer steps, lower indicator numbers."""
    if not options:
        return _path(start, target, ())
    problem = _Problem(options)
    problem.require(problem.costs, most=int(budget * problem.cost_unit))
    problem.minimise([-gain for gain in problem.gains])
    problem.minimise(problem.costs)
    return _path(start, target, _settle_ties(problem))


def _settle_ties(problem: _Problem) -> list[Option]:
    problem.minimise([1] * len(problem.options))
    for digits in problem.digits():
        problem.minimise([-digit for digit in digits])
        problem.fix([place for place, digit in enumerate(digits) if digit])
    return problem.chosen()


def _path(start: Fraction, target: Decimal | None, chosen: Sequence[Option]) -> Path:
    """The chosen steps in order: of those whose turn it can be, the one with most points per cost."""
    waiting = {no: list(group) for no, group in groupby(chosen, key=lambda one: one.indicator_no)}
    rank = {no: position for position, no in enumerate(waiting)}
    index, steps = start, list[Step]()
    while waiting:
        no = max(waiting, key=lambda one: (_yield(waiting[one][0]), -rank[one]))
        option = waiting[no].pop(0)
        if not waiting[no]:
            del waiting[no]
        index += option.points
        steps.append(Step(len(steps) + 1, option, index))
    is_reachable = target is not None and index >= threshold(target)
    return Path(start, target, is_reachable, tuple(steps))


def _yield(option: Option) -> tuple[bool, Fraction]:
    """Points per cost; what costs nothing yields most."""
    return option.cost == 0, option.points / Fraction(option.cost or 1)


class _Problem:
    """Which options to take, 0 or 1 each. Objectives are minimised in turn; each stays at its best from then on."""

    def __init__(self, options: Sequence[Option]) -> None:
        import highspy
        import numpy as np

        self.options = options
        self.gain_unit = lcm(*(one.points.denominator for one in options))
        self.cost_unit = lcm(*(Fraction(one.cost).denominator for one in options))
        self.gains = [int(one.points * self.gain_unit) for one in options]
        self.costs = [int(Fraction(one.cost) * self.cost_unit) for one in options]
        self._limits: list[tuple[Sequence[int], float, float]] = []
        self._taken: list[int] = []
        self._highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        self._highs.setOptionValue("output_flag", False)
        self._highs.setOptionValue("mip_rel_gap", 0.0)
        self._highs.setOptionValue("mip_abs_gap", HALF)
        self._highs.setOptionValue("threads", 1)
        self._highs.setOptionValue("presolve", "off")  # costs more than it saves on problems of this size
        count = len(options)
        self._places = np.arange(count, dtype=np.int32)
        self._highs.addVars(count, np.zeros(count), np.ones(count))
        self._highs.changeColsIntegrality(count, self._places, np.full(count, highspy.HighsVarType.kInteger))
        for first, second in self._orders():
            self._highs.addRow(0, highspy.kHighsInf, 2, [first, second], [1.0, -1.0])

    def require(self, factors: Sequence[int], least: int | None = None, most: int | None = None) -> None:
        """Bound a sum over what's taken. Sums are whole, so half a unit of slack keeps rounding out."""
        low = -inf if least is None else least - HALF
        high = inf if most is None else most + HALF
        self._limits.append((factors, low, high))
        self._highs.addRow(low, high, len(factors), self._places, [float(one) for one in factors])

    def minimise(self, factors: Sequence[int]) -> None:
        """Find the least of a sum over what's taken, and require it from now on; raises PublicationError."""
        self._highs.changeColsCost(len(factors), self._places, [float(one) for one in factors])
        self._highs.run()
        status = self._highs.modelStatusToString(self._highs.getModelStatus())
        self._taken = [round(value) for value in self._highs.getSolution().col_value]
        is_held = all(low <= self._sum(limit) <= high for limit, low, high in self._limits)
        if status != "Optimal" or not is_held:
            raise PublicationError(f"The cheapest path couldn't be found: HiGHS says {status}. Please report this.")
        self.require(factors, most=self._sum(factors))

    def fix(self, places: Sequence[int]) -> None:
        """Let these options be as they are from now on."""
        values = [float(self._taken[place]) for place in places]
        self._highs.changeColsBounds(len(places), self._places[list(places)], values, values)

    def digits(self) -> Iterator[list[int]]:
        """Objectives that settle ties: most steps for the first indicator, then for the second, and so on."""
        numbers = list(dict.fromkeys(one.indicator_no for one in self.options))
        most = max(Counter(one.indicator_no for one in self.options).values()) + 1
        for start in range(0, len(numbers), INDICATORS_AT_ONCE):
            together = numbers[start : start + INDICATORS_AT_ONCE]
            worth = {no: most ** (len(together) - 1 - position) for position, no in enumerate(together)}
            yield [worth.get(one.indicator_no, 0) for one in self.options]

    def chosen(self) -> list[Option]:
        """What the last objective took."""
        return [one for one, taken in zip(self.options, self._taken, strict=True) if taken]

    def _sum(self, factors: Sequence[int]) -> int:
        return sum(factor * taken for factor, taken in zip(factors, self._taken, strict=True))

    def _orders(self) -> Iterator[tuple[int, int]]:
        """Pairs of which the first comes before the second: levels in order; of twins the lower number first."""
        places: dict[str, list[int]] = {}
        for place, one in enumerate(self.options):
            places.setdefault(one.indicator_no, []).append(place)
        twins: dict[tuple[tuple[int, int], ...], list[int]] = {}
        for mine in places.values():
            yield from pairwise(mine)
            likeness = tuple((self.gains[place], self.costs[place]) for place in mine)
            if (before := twins.get(likeness)) is not None:
                yield from zip(before, mine, strict=True)
            twins[likeness] = mine
