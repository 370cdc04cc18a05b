"""The cheapest path: equal to trying everything, exact, in order."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spbe_etl.paths import Option, Path, best_path, cheapest_path, threshold

HIGHEST = 5


@st.composite
def cases(draw: st.DrawFn, most: int = 6) -> tuple[Fraction, list[Option]]:
    """A small instrument: its index now and the steps that could be taken."""
    count = draw(st.integers(1, most))
    parts = [draw(st.integers(1, 6)) for _ in range(count)]
    weights = [Fraction(part, sum(parts)) for part in parts]
    scores = [draw(st.sampled_from(["1", "2", "3", "4", "5", "2.35", "3.5"])) for _ in range(count)]
    start = sum((weight * Fraction(score) for weight, score in zip(weights, scores, strict=True)), Fraction())
    options = []
    for position, (weight, score) in enumerate(zip(weights, scores, strict=True)):
        now = Decimal(score)
        for level in range(int(now) + 1, HIGHEST + 1):
            cost = Decimal(draw(st.sampled_from(["0", "0.5", "1", "1", "2", "3", "7.25"])))
            options.append(Option(str(position + 1), now, Decimal(level), weight * (level - Fraction(now)), cost))
            now = Decimal(level)
    return start, options


def sets(options: list[Option]) -> list[list[Option]]:
    """Every set of steps in which no level is skipped."""
    by_indicator: dict[str, list[Option]] = {}
    for one in options:
        by_indicator.setdefault(one.indicator_no, []).append(one)
    counts = [range(len(steps) + 1) for steps in by_indicator.values()]
    return [
        [one for steps, count in zip(by_indicator.values(), taken, strict=True) for one in steps[:count]]
        for taken in product(*counts)
    ]


def cost(steps: list[Option]) -> Decimal:
    return sum((one.cost for one in steps), Decimal())


def numbers(steps: list[Option]) -> list[int]:
    return sorted(int(one.indicator_no) for one in steps)


def points(steps: list[Option]) -> Fraction:
    return sum((one.points for one in steps), Fraction())


def check_order(path: Path, start: Fraction) -> None:
    """Each index follows from the one before; levels come in order; points per cost fall but for that."""
    index, levels = start, {}
    for number, step in enumerate(path.steps, start=1):
        option = step.option
        index += option.points
        assert (step.step_no, step.index_after) == (number, index)
        assert levels.get(option.indicator_no, option.from_score) == option.from_score
        levels[option.indicator_no] = option.to_score
    assert path.index_after == index


def check_cheapest(start: Fraction, options: list[Option], target: Decimal) -> None:
    path = cheapest_path(start, options, target)
    check_order(path, start)
    chosen = [step.option for step in path.steps]
    reaching = [one for one in sets(options) if start + points(one) >= threshold(target)]
    assert path.is_reachable == bool(reaching)
    if reaching:
        best = min(reaching, key=lambda one: (cost(one), len(one), numbers(one)))
        assert (path.total_cost, len(chosen), numbers(chosen)) == (cost(best), len(best), numbers(best))
    else:
        assert path.index_after == start + points(options)


def check_best(start: Fraction, options: list[Option], budget: Decimal) -> None:
    path = best_path(start, options, budget)
    check_order(path, start)
    chosen = [step.option for step in path.steps]
    best = min(
        (one for one in sets(options) if cost(one) <= budget),
        key=lambda one: (-points(one), cost(one), len(one), numbers(one)),
    )
    assert (path.index_after, path.total_cost) == (start + points(best), cost(best))
    assert numbers(chosen) == numbers(best)


targets = st.decimals(Decimal("1.00"), Decimal("5.10"), places=2)
budgets = st.decimals(Decimal(0), Decimal(30), places=2)


@settings(max_examples=100)
@given(cases(), targets)
def test_the_cheapest_path_is_what_trying_everything_finds(
    case: tuple[Fraction, list[Option]], target: Decimal
) -> None:
    check_cheapest(*case, target)


@settings(max_examples=50)
@given(cases(), budgets)
def test_the_most_for_a_budget_is_what_trying_everything_finds(
    case: tuple[Fraction, list[Option]], budget: Decimal
) -> None:
    check_best(*case, budget)


@pytest.mark.parametrize(
    ("target", "lowest"), [("2.63", "2.625"), ("2.6", "2.595"), ("2.625", "2.625"), ("2.631", "2.635")]
)
def test_a_target_is_met_when_the_published_index_reaches_it(target: str, lowest: str) -> None:
    assert threshold(Decimal(target)) == Fraction(lowest)


def test_what_yields_most_comes_first_and_no_level_is_skipped() -> None:
    one, two = Decimal(1), Decimal(2)
    options = [
        Option("1", one, two, Fraction(1, 10), Decimal(4)),
        Option("1", two, Decimal(3), Fraction(1, 10), Decimal(0)),
        Option("2", one, two, Fraction(1, 10), Decimal(3)),
    ]
    path = cheapest_path(Fraction(1), options, Decimal("1.30"))
    assert [(step.option.indicator_no, step.option.to_score) for step in path.steps] == [("2", 2), ("1", 2), ("1", 3)]
    assert (path.is_reachable, path.total_cost) == (True, 7)
