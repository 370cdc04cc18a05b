"""The index arithmetic in SQL against an independent recomputation: every figure, exactly, on random districts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from conftest import District, FakeSource, Mart, Nights, answer, penilaian
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import (
    EVERYONE,
    STAGE_WORDS,
    Facts,
    Oracle,
    StageFigures,
    Verdict,
    instrument_of,
    predicate,
    round_half_up,
    weights,
)

YEARS = (2018, 2020, 2021, 2023, 2024, 2025, 2026)
OPD_CODES = ("A", "B", "C", "D", "E")
STRANGER = "TIDAK-ADA"


@dataclass(frozen=True)
class Example:
    """A district as it's written, and as the oracle is told of it."""

    district: District
    facts: Facts


def exact(value: Fraction) -> Decimal:
    return round_half_up(value, 10)


def shown(value: Fraction) -> Decimal:
    return round_half_up(value, 2)


def scores(instrument: str) -> st.SearchStrategy[Fraction]:
    if instrument == "pemdi-2026":
        return st.integers(10_000, 50_000).map(lambda units: Fraction(units, 10_000))
    return st.integers(0 if instrument == "spbe-2018" else 1, 5).map(Fraction)


def written(score: Fraction) -> str:
    return str(Decimal(score.numerator) / Decimal(score.denominator))


@st.composite
def district_answers(draw: st.DrawFn, opd: Sequence[str], years: Sequence[int]) -> list[tuple[str, int, str, Fraction]]:
    """What each OPD answers each year: nothing, or one score everywhere, and some rows of its own, repeats too."""
    answers = []
    for year in years:
        instrument = instrument_of(year)
        for code in opd:
            everywhere = draw(st.none() | scores(instrument))
            if everywhere is not None:
                skipped = draw(st.sets(st.sampled_from(list(weights(instrument))), max_size=8))
                answers += [(code, year, no, everywhere) for no in weights(instrument) if no not in skipped]
            own = st.tuples(st.sampled_from(list(weights(instrument))), scores(instrument))
            answers += [(code, year, no, score) for no, score in draw(st.lists(own, max_size=10))]
    return answers


@st.composite
def district_verdicts(draw: st.DrawFn, years: Sequence[int]) -> list[Verdict]:
    """Verdicts of some stages, for most indicators or a few, some of them twice."""
    verdicts = []
    days = st.none() | st.dates(date(2018, 1, 1), date(2026, 6, 30))
    for year in years:
        instrument = instrument_of(year)
        for stage in draw(st.sets(st.sampled_from(list(STAGE_WORDS.values())), max_size=3)):
            if draw(st.booleans()):
                score = draw(scores(instrument))
                verdicts += [Verdict(year, no, stage, score) for no in weights(instrument)]
            some = st.tuples(st.sampled_from(list(weights(instrument))), scores(instrument), days)
            verdicts += [Verdict(year, no, stage, score, day) for no, score, day in draw(st.lists(some, max_size=8))]
    return verdicts


@st.composite
def district_mergers(draw: st.DrawFn, opd: Sequence[str]) -> tuple[dict[str, bool], dict[str, str]]:
    """Who is active, and whom the others were merged into: in one district nobody, in others mostly into the same."""
    if draw(st.integers(0, 2)) == 0:
        return {one: draw(st.integers(0, 4)) > 0 for one in opd}, {}
    usual = draw(st.sampled_from(opd))
    active = {one: one == usual or draw(st.integers(0, 2)) == 0 for one in opd}
    successor = st.sampled_from((usual, usual, *opd, STRANGER))
    return active, {one: draw(successor) for one in opd if not active[one] or draw(st.integers(0, 7)) == 0}


@st.composite
def examples(draw: st.DrawFn, code: str) -> Example:
    opd = OPD_CODES[: draw(st.integers(2, len(OPD_CODES)))]
    active, successors = draw(district_mergers(opd))
    joined = {one for one in opd if draw(st.integers(0, 5)) > 0}
    years = draw(st.lists(st.sampled_from(YEARS), min_size=1, max_size=3, unique=True))
    carriers = {}
    for instrument in {instrument_of(year) for year in years}:
        usual = draw(st.sampled_from(opd))
        support = st.sampled_from([frozenset[str](), frozenset({EVERYONE})]) | st.frozensets(
            st.sampled_from((*opd, STRANGER)), max_size=3
        )
        usual_support = draw(support)
        carriers.update({(instrument, no): (usual, usual_support) for no in weights(instrument)})
        for no in draw(st.sets(st.sampled_from(list(weights(instrument))), max_size=15)):
            carriers[instrument, no] = (draw(st.sampled_from(opd)), draw(support))
        for no in draw(st.sets(st.sampled_from(list(weights(instrument))), max_size=3)):
            del carriers[instrument, no]
    answers = draw(district_answers([one for one in opd if one in joined], years))
    verdicts = draw(district_verdicts(years))
    facts = Facts(active, carriers, answers, verdicts, successors=successors)
    return Example(written_district(code, joined, facts), facts)


def written_district(code: str, joined: set[str], facts: Facts) -> District:
    words = {stage: word for word, stage in STAGE_WORDS.items()}
    return District(
        code=code,
        opd=[
            (
                *(one, f"Dinas {one}", "Dinas", one.lower() if one in joined else None),
                "Ya" if is_active else "Tidak",
                facts.successors.get(one, "").lower(),  # codes are compared without their case
            )
            for one, is_active in facts.opd.items()
        ],
        carriers=[
            (instrument, no, carrier, ";".join(sorted(supporters)))
            for (instrument, no), (carrier, supporters) in facts.carriers.items()
        ],
        verdicts=[
            (one.year, one.indicator_no, words[one.stage], written(one.score), "Asesor", one.day)
            for one in facts.verdicts
        ],
        books={
            one.lower(): penilaian(
                *(answer(year, no, written(score)) for opd, year, no, score in facts.answers if opd == one)
            )
            for one in joined
        },
    )


def assert_same(found: object, expected: object, what: str) -> None:
    assert found == expected, what


def figures_of(mart: Mart, table: str, code: str, key: Sequence[str], columns: Sequence[str]) -> dict[Any, Any]:
    rows = mart.rows(f"FROM mart.{table} WHERE institution_code = ?", [code])
    figures = {tuple(row[name] for name in key): tuple(row[name] for name in columns) for row in rows}
    assert len(figures) == len(rows), f"{table}: grain repeated"
    return figures


def check_parts(mart: Mart, code: str, stages: dict[tuple[int, str], StageFigures]) -> None:
    def parts(of: Callable[[StageFigures], dict[int, Fraction]]) -> dict[Any, Any]:
        return {
            (year, stage, no): (exact(value), shown(value))
            for (year, stage), one in stages.items()
            for no, value in of(one).items()
        }

    aspects = figures_of(mart, "aspect_snapshot", code, ("year", "stage", "aspect_no"), ("value_exact", "aspect_value"))
    assert_same(aspects, parts(StageFigures.aspects), "aspects")
    domains = figures_of(
        mart, "domain_snapshot", code, ("year", "stage", "domain_no"), ("value_exact", "domain_value", "predicate")
    )
    expected = {
        key: (*value, predicate(instrument_of(key[0]), value[1])) for key, value in parts(StageFigures.domains).items()
    }
    assert_same(domains, expected, "domains")


def check_stages(mart: Mart, code: str, oracle: Oracle) -> None:
    stages = oracle.stages()
    index = figures_of(
        mart,
        "index_snapshot",
        code,
        ("year", "stage"),
        (
            "instrument_code",
            "index_exact",
            "index_value",
            "predicate",
            "coverage_pct",
            "answered_count",
            "indicator_count",
            "is_stale",
        ),
    )
    expected = {
        key: (
            one.instrument,
            exact(one.index),
            shown(one.index),
            predicate(one.instrument, shown(one.index)),
            shown(one.coverage),
            one.answered_count,
            len(one.indicators),
            False,
        )
        for key, one in stages.items()
    }
    assert_same(index, expected, "index")
    indicators = figures_of(
        mart,
        "indicator_snapshot",
        code,
        ("year", "stage", "indicator_no"),
        ("score", "is_answered", "weight_pct", "points", "opd_code"),
    )
    expected_indicators = {
        (year, stage, no): (
            exact(figure.score),
            figure.is_answered,
            exact(weights(one.instrument)[no][1]),
            exact(one.points(no)),
            oracle.carrier(one.instrument, no),
        )
        for (year, stage), one in stages.items()
        for no, figure in one.indicators.items()
    }
    assert_same(indicators, expected_indicators, "indicators")
    check_parts(mart, code, stages)


def check_estimates(mart: Mart, code: str, oracle: Oracle) -> None:
    estimates = figures_of(mart, "official_estimate", code, ("year", "stage"), ("low", "likely", "high"))
    expected = {key: tuple(map(shown, oracle.estimate(*key))) for key in oracle.stages()}
    assert_same(estimates, expected, "bounds")
    columns = ("expected_value", "case_count", "interval_low", "interval_high")
    learned = figures_of(mart, "official_estimate", code, ("year", "stage"), columns)
    for key in oracle.stages():
        if (one := oracle.expected(*key)) is None:
            assert learned[key] == (None, 0, None, None)
            continue
        centre, low, high, case_count = one
        assert learned[key][:2] == (shown(centre), case_count), key
        # the ends rest on a root: in the middle between two hundredths either is right
        assert [float(end) for end in learned[key][2:]] == pytest.approx([low, high], abs=0.00501), key


def check_blockers(mart: Mart, code: str, oracle: Oracle) -> None:
    blockers = figures_of(
        mart,
        "opd_blocker",
        code,
        ("year", "indicator_no", "opd_code"),
        ("gate_level", "opd_score", "reason", "points_blocked", "points_together"),
    )
    expected = {
        key: (
            one.gate_level,
            None if one.opd_score is None else exact(one.opd_score),
            "no_answer" if one.opd_score is None else "below",
            exact(one.points_blocked),
            exact(one.points_together),
        )
        for key, one in oracle.blockers().items()
    }
    assert_same(blockers, expected, "blockers")


def check_opd(mart: Mart, code: str, oracle: Oracle) -> None:
    found = figures_of(
        mart,
        "opd_snapshot",
        code,
        ("year", "opd_code"),
        (
            "carried_count",
            "answered_count",
            "accepted_count",
            "rejected_count",
            "completeness_pct",
            "points_carried",
            "points_blocked",
        ),
    )
    blocked: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for (year, _, opd), one in oracle.blockers().items():
        blocked[year, opd] += exact(one.points_blocked)
    rows = Counter((opd, year, (opd, year, no) in oracle.contradicted) for opd, year, no, _ in oracle.facts.answers)
    expected = {}
    for (year, stage), figures in oracle.stages().items():
        if stage != "proposed":
            continue
        for opd in oracle.facts.opd:
            carried = [no for no in weights(figures.instrument) if oracle.carrier(figures.instrument, no) == opd]
            answered = sum(figures.indicators[no].is_answered for no in carried)
            expected[year, opd] = (
                len(carried),
                answered,
                rows[opd, year, False],
                rows[opd, year, True],
                shown(Fraction(100 * answered, len(carried))) if carried else None,
                sum((exact(figures.points(no)) for no in carried), Decimal()),
                blocked[year, opd],
            )
    assert_same(found, expected, "opd")


def check(run: Nights, chosen: Sequence[Example]) -> None:
    ran = run.fresh()(FakeSource([one.district for one in chosen]))
    assert ran.outcome.refused == {}
    assert ran.outcome.failures == ()
    for one in chosen:
        oracle = Oracle(one.facts)
        code = one.district.code
        check_stages(ran.mart, code, oracle)
        check_blockers(ran.mart, code, oracle)
        check_opd(ran.mart, code, oracle)
        check_estimates(ran.mart, code, oracle)


GATED = "13"
"""A practice gate at level 3 that weighs 2.5 percent."""


def gated(answers: Sequence[tuple[str, int]], *, inactive: str = "", verdicts: Sequence[Verdict] = ()) -> Example:
    """A carries the gated indicator and everybody supports; who answers what."""
    facts = Facts(
        {code: code not in inactive for code in "ABC"},
        {("spbe-2020", GATED): ("A", frozenset({EVERYONE}))},
        # one answer elsewhere, so that the year is there
        [("A", 2025, "1", Fraction(1)), *((opd, 2025, GATED, Fraction(score)) for opd, score in answers)],
        verdicts,
    )
    return Example(written_district("73", set("ABC"), facts), facts)


Gate = tuple[Example, tuple[str, bool], dict[str, tuple[str, str]]]
GATES: dict[str, Gate] = {
    "everybody is there": (gated([("A", 5), ("B", 3), ("C", 4)]), ("5", True), {}),
    "one is below": (gated([("A", 5), ("B", 2), ("C", 4)]), ("2", True), {"B": ("0.075", "0.075")}),
    "one is silent": (gated([("A", 3), ("B", 3)]), ("2", True), {"C": ("0.025", "0.025")}),
    "two hold it": (gated([("A", 4), ("B", 1)]), ("2", True), {"B": ("0", "0.05"), "C": ("0", "0.05")}),
    "the carrier holds it": (gated([("A", 1), ("B", 3), ("C", 5)]), ("1", True), {"A": ("0.05", "0.05")}),
    "the carrier and another": (gated([("A", 1), ("B", 3)]), ("1", True), {"A": ("0.025", "0.05"), "C": ("0", "0.05")}),
    "the carrier is silent": (gated([("B", 3), ("C", 5)]), ("1", False), {"A": ("0.05", "0.05")}),
    "the carrier and another are silent": (
        gated([("B", 5)]),
        ("1", False),
        {"A": ("0.025", "0.05"), "C": ("0", "0.05")},
    ),
    "everybody is silent": (
        gated([]),
        ("1", False),
        {"A": ("0.025", "0.05"), "B": ("0", "0.05"), "C": ("0", "0.05")},
    ),
    "who left holds nothing": (gated([("A", 4), ("B", 3)], inactive="C"), ("4", True), {}),
    "a carrier that left still claims": (gated([("A", 5), ("B", 3), ("C", 3)], inactive="A"), ("5", True), {}),
    "a carrier that left can be held": (
        gated([("A", 5), ("B", 3)], inactive="A"),
        ("2", True),
        {"C": ("0.075", "0.075")},
    ),
    "a carrier that left in silence": (gated([("B", 3)], inactive="A"), ("1", False), {"C": ("0", "0")}),
}


@pytest.fixture(scope="module")
def gates(module_run: Nights) -> Mart:
    """One night of districts, each with its own way to hold a gate."""
    return module_run.fresh()(
        FakeSource([replace(example.district, code=who) for who, (example, *_) in GATES.items()])
    ).mart


@pytest.mark.parametrize("who", GATES)
def test_a_claim_stops_one_below_a_gate_that_somebody_holds(gates: Mart, who: str) -> None:
    _, (score, is_answered), held = GATES[who]
    row = gates.row("FROM mart.indicator_snapshot WHERE institution_code = ? AND indicator_no = ?", [who, GATED])
    assert (row["score"], row["is_answered"]) == (Decimal(score), is_answered)
    blockers = gates.rows("FROM mart.opd_blocker WHERE institution_code = ?", [who])
    assert {row["opd_code"]: (row["points_blocked"], row["points_together"]) for row in blockers} == {
        opd: (Decimal(alone), Decimal(together)) for opd, (alone, together) in held.items()
    }


PLAIN = "2"
"""An indicator without a gate."""


def merged(
    answers: Sequence[tuple[str, int]],
    successors: dict[str, str],
    *,
    no: str = PLAIN,
    carrier: str = "A",
    supporters: str = "",
    inactive: str | None = None,
    joined: str = "ABCD",
) -> Example:
    """Who was merged into whom, and who answers what; all that have a successor are inactive unless told."""
    gone = set(successors if inactive is None else inactive)
    facts = Facts(
        {code: code not in gone for code in "ABCD"},
        {("spbe-2020", no): (carrier, frozenset({EVERYONE} if supporters == EVERYONE else supporters))},
        [("A", 2025, "1", Fraction(1)), *((opd, 2025, no, Fraction(score)) for opd, score in answers)],
        successors=successors,
    )
    return Example(written_district("73", set(joined), facts), facts)


Place = tuple[str, str] | None
Merger = tuple[Example, tuple[str, str, Place], set[str]]
"""A district; the score of its indicator, who carries it and the cell that it stands in; who holds its gate."""
TO_B, CHAIN = {"A": "B"}, {"A": "B", "B": "C"}
MERGERS: dict[str, Merger] = {
    "the heir's own answer wins": (merged([("A", 4), ("B", 2)], TO_B), ("2", "B", ("b", "D2")), set()),
    "a silent heir inherits": (merged([("A", 4)], TO_B), ("4", "B", ("a", "D3")), set()),
    "an heir without a workbook inherits": (merged([("A", 4)], TO_B, joined="A"), ("4", "B", ("a", "D3")), set()),
    "an heir whose answers are rejected inherits": (
        merged([("A", 4), ("B", 2), ("B", 3)], TO_B),
        ("4", "B", ("a", "D3")),
        set(),
    ),
    "nobody has answered": (merged([], TO_B), ("1", "B", None), set()),
    "a chain is followed": (merged([("A", 4)], CHAIN), ("4", "C", ("a", "D3")), set()),
    "a chain ends at the first that is active": (
        merged([("A", 4)], {**CHAIN, "C": "D"}, inactive="AB"),
        ("4", "C", ("a", "D3")),
        set(),
    ),
    "a chain longer than two": (
        merged([("B", 4)], {"C": "A", "A": "B", "B": "D"}, carrier="C"),
        ("4", "D", ("b", "D2")),
        set(),
    ),
    "the registered carrier's comes before the nearest": (
        merged([("A", 4), ("B", 1)], CHAIN),
        ("4", "C", ("a", "D3")),
        set(),
    ),
    "the heir's own comes before the registered carrier's": (
        merged([("A", 4), ("B", 5), ("C", 1)], CHAIN),
        ("1", "C", ("c", "D2")),
        set(),
    ),
    "the nearest comes before the lowest": (
        merged([("A", 2), ("B", 4)], CHAIN, carrier="C"),
        ("4", "C", ("b", "D2")),
        set(),
    ),
    "of two as near the lowest": (
        merged([("A", 4), ("B", 2)], {"A": "C", "B": "C"}, carrier="C"),
        ("2", "C", ("b", "D2")),
        set(),
    ),
    "of two as low the first code": (
        merged([("B", 3), ("A", 3)], {"A": "C", "B": "C"}, carrier="C"),
        ("3", "C", ("a", "D3")),
        set(),
    ),
    "a circle has no heir": (
        merged([("A", 4), ("B", 2)], {"A": "B", "B": "A"}),
        ("4", "A", ("a", "D3")),
        set(),
    ),
    "a circle further on has no heir": (
        merged([("A", 4)], {"A": "B", "B": "C", "C": "B"}),
        ("4", "A", ("a", "D3")),
        set(),
    ),
    "its own successor has no heir": (merged([("A", 4)], {"A": "A"}), ("4", "A", ("a", "D3")), set()),
    "an unknown successor is none": (merged([("A", 4)], {"A": STRANGER}), ("4", "A", ("a", "D3")), set()),
    "an end that is inactive is none": (merged([("A", 4)], TO_B, inactive="AB"), ("4", "A", ("a", "D3")), set()),
    "who is active still carries": (merged([("B", 4)], TO_B, inactive=""), ("1", "A", None), set()),
    "who is active hands nothing over": (merged([("A", 4)], TO_B, inactive="", carrier="B"), ("1", "B", None), set()),
    "an inherited claim at its gate": (
        merged([("A", 4), ("C", 3)], TO_B, no=GATED, supporters="C"),
        ("4", "B", ("a", "D3")),
        set(),
    ),
    "an heir below the gate of its own": (
        merged([("A", 4), ("B", 1), ("C", 3)], TO_B, no=GATED, supporters="C"),
        ("1", "B", ("b", "D2")),
        {"B"},
    ),
    "an inherited practice opens a gate": (
        merged([("C", 4), ("A", 3)], TO_B, no=GATED, carrier="C", supporters="B"),
        ("4", "C", ("c", "D2")),
        set(),
    ),
    "an inherited practice holds a gate": (
        merged([("C", 4), ("A", 2)], TO_B, no=GATED, carrier="C", supporters="B"),
        ("2", "C", ("c", "D2")),
        {"B"},
    ),
    "a supporter that was merged stands for its heir": (
        merged([("C", 4), ("B", 2)], TO_B, no=GATED, carrier="C", supporters="A"),
        ("2", "C", ("c", "D2")),
        {"B"},
    ),
    "a supporter that was merged hands its practice over": (
        merged([("C", 4), ("A", 3)], TO_B, no=GATED, carrier="C", supporters="A"),
        ("4", "C", ("c", "D2")),
        set(),
    ),
    "a supporter that left without an heir is in no scope": (
        merged([("C", 4)], {}, no=GATED, carrier="C", supporters="A", inactive="A"),
        ("4", "C", ("c", "D2")),
        set(),
    ),
    "of all only those that are there": (
        merged([("C", 4), ("D", 3), ("A", 3)], TO_B, no=GATED, carrier="C", supporters=EVERYONE),
        ("4", "C", ("c", "D2")),
        set(),
    ),
}


@pytest.fixture(scope="module")
def mergers(module_run: Nights) -> Mart:
    """One night of districts, each with its own merger."""
    return module_run.fresh()(
        FakeSource([replace(example.district, code=who) for who, (example, *_) in MERGERS.items()])
    ).mart


@pytest.mark.parametrize("who", MERGERS)
def test_a_merged_opd_hands_its_answers_over(mergers: Mart, who: str) -> None:
    example, (score, carrier, place), holders = MERGERS[who]
    ((_, no),) = example.facts.carriers
    row = mergers.row("FROM mart.indicator_snapshot WHERE institution_code = ? AND indicator_no = ?", [who, no])
    assert (row["score"], row["is_answered"], row["opd_code"]) == (Decimal(score), place is not None, carrier)
    assert (row["workbook"], row["cell"]) == (place or (None, None))
    assert row["answer_opd_code"] == (place[0].upper() if place else None)
    blockers = mergers.values("SELECT opd_code FROM mart.opd_blocker WHERE institution_code = ?", [who])
    assert set(blockers) == holders
    oracle = Oracle(example.facts)
    check_stages(mergers, who, oracle)
    check_blockers(mergers, who, oracle)
    check_opd(mergers, who, oracle)


@pytest.mark.parametrize("who", MERGERS)
def test_a_merged_opd_is_asked_for_nothing(mergers: Mart, who: str) -> None:
    """What counts for the heir is shown where it's asked for it; the evidence stays with whoever gave it."""
    example, (_, carrier, place), _ = MERGERS[who]
    ((_, no),) = example.facts.carriers
    oracle = Oracle(example.facts)
    rows = mergers.rows("FROM mart.opd_answer WHERE institution_code = ?", [who])
    asked = [row for row in rows if row["role"] != "supporter"]
    gave_unasked = {(row["opd_code"], row["indicator_no"]) for row in rows if row["role"] == "supporter"}
    assert gave_unasked <= {(opd, key[1]) for opd, *key in example.facts.answers}
    assert not {row["opd_code"] for row in asked} & {opd for opd in "ABCD" if oracle.merged_into(opd)}
    (carried,) = [row for row in asked if row["role"] == "carrier"]
    assert (carried["opd_code"], carried["workbook"], carried["cell"]) == (carrier, *(place or (None, None)))
    gave = mergers.values(
        "SELECT opd_code FROM mart.evidence WHERE institution_code = ? AND indicator_no = ?", [who, no]
    )
    accepted = {opd for opd, *key in example.facts.answers if key[1] == no} - {opd for opd, *_ in oracle.contradicted}
    assert set(gave) == accepted


DISTRICTS = st.tuples(examples("71"), examples("72"), examples("73"))


@settings(max_examples=5)
@given(chosen=DISTRICTS)
def test_every_figure_equals_the_recomputed_one(run: Nights, chosen: Sequence[Example]) -> None:
    check(run, chosen)


@pytest.mark.prove
@settings(max_examples=200)
@given(chosen=DISTRICTS)
def test_every_figure_equals_the_recomputed_one_at_length(run: Nights, chosen: Sequence[Example]) -> None:
    check(run, chosen)
