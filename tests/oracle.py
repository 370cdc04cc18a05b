"""The index once more, in plain Python with fractions, straight from the facts and the contract's section 2.

Shares no code and no SQL with the product: gates, predicates, scales and external indicators stand here as the
facts give them; only weights are read from the seed files. Slow and obvious on purpose.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

SEEDS = Path(__file__).parents[1] / "warehouse" / "seeds" / "instruments"
STAGES = ("proposed", "confirmed", "document", "interview", "visit", "official")
STAGE_WORDS = dict(zip(("Asesor Internal", "Dokumen", "Interviu", "Visitasi", "Hasil Akhir"), STAGES[1:], strict=True))
LOWEST = {"spbe-2018": 0, "spbe-2020": 1, "pemdi-2026": 1}
HIGHEST = 5
PRACTICE_GATES = {
    "spbe-2018": {},
    "spbe-2020": {
        **dict.fromkeys(("13", "16", "17", "18", "22", "27"), 3),
        **dict.fromkeys(("20", "21", "23", "24", "26"), 4),
    },
    "pemdi-2026": {},
}
EXTERNAL = {"spbe-2018": set(), "spbe-2020": set(), "pemdi-2026": {"5", "6", "7", "18"}}
DOMAIN_OF_ASPECT = {
    "spbe-2018": {1: 1, 2: 1, 3: 2, 4: 2, 5: 2, 6: 3, 7: 3},
    "spbe-2020": {1: 1, 2: 2, 3: 2, 4: 2, 5: 3, 6: 3, 7: 4, 8: 4},
    "pemdi-2026": {},
}
_SPBE = (("4.2", "Memuaskan"), ("3.5", "Sangat Baik"), ("2.6", "Baik"), ("1.8", "Cukup"), ("0", "Kurang"))
_PEMDI = (("4.0", "Memuaskan"), ("3.5", "Sangat Baik"), ("2.5", "Baik"), ("1.5", "Cukup"), ("0", "Kurang"))
PREDICATES = {"spbe-2018": _SPBE, "spbe-2020": _SPBE, "pemdi-2026": _PEMDI}
EVERYONE = "SEMUA"


def instrument_of(year: int) -> str:
    if year <= 2020:
        return "spbe-2018"
    return "spbe-2020" if year <= 2025 else "pemdi-2026"


@cache
def weights(instrument: str) -> dict[str, tuple[int, Fraction]]:
    """Indicator number -> its aspect and its exact weight in percent."""
    with (SEEDS / instrument / "indicator.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["indicator_no"]: (int(row["aspect_no"]), Fraction(row["weight_pct"])) for row in csv.DictReader(file)
        }


def round_half_up(value: Fraction, decimals: int) -> Decimal:
    """A tie moves away from zero; only differences can be negative here."""
    scaled = abs(value) * 10**decimals
    units = int(scaled + Fraction(1, 2))
    return Decimal(units if value >= 0 else -units).scaleb(-decimals)


def predicate(instrument: str, shown: Decimal) -> str:
    return next(name for lowest, name in PREDICATES[instrument] if shown >= Decimal(lowest))


@dataclass(frozen=True)
class Verdict:
    year: int
    indicator_no: str
    stage: str
    score: Fraction
    day: date | None = None


@dataclass
class Facts:
    """What a register and its workbooks say, without spreadsheets. `answers` in worksheet order, repeats too."""

    opd: Mapping[str, bool]
    carriers: Mapping[tuple[str, str], tuple[str, frozenset[str]]]
    answers: Sequence[tuple[str, int, str, Fraction]]
    verdicts: Sequence[Verdict] = ()
    other_years: frozenset[int] = frozenset()
    """Years with a score cell that isn't blank but gives no answer."""
    successors: Mapping[str, str] = field(default_factory=dict)
    """Pengganti of an OPD, whatever it names."""


@dataclass(frozen=True)
class IndicatorFigure:
    score: Fraction
    is_answered: bool
    claim: Fraction | None
    """What the score would be with every gate open; None where nobody said anything."""


@dataclass(frozen=True)
class StageFigures:
    instrument: str
    indicators: Mapping[str, IndicatorFigure]

    @property
    def index(self) -> Fraction:
        return weighted(self.instrument, {no: one.score for no, one in self.indicators.items()}) / 100

    @property
    def answered_count(self) -> int:
        return sum(one.is_answered for one in self.indicators.values())

    @property
    def coverage(self) -> Fraction:
        return Fraction(100 * self.answered_count, len(self.indicators))

    def points(self, no: str) -> Fraction:
        return self.indicators[no].score * weights(self.instrument)[no][1] / 100

    def aspects(self) -> dict[int, Fraction]:
        return self._parts({aspect_no: aspect_no for aspect_no, _ in weights(self.instrument).values()})

    def domains(self) -> dict[int, Fraction]:
        domain_of = DOMAIN_OF_ASPECT[self.instrument]
        return self._parts(domain_of) if domain_of else {}

    def _parts(self, part_of: Mapping[int, int]) -> dict[int, Fraction]:
        points: dict[int, Fraction] = defaultdict(Fraction)
        total: dict[int, Fraction] = defaultdict(Fraction)
        for no, (aspect_no, weight) in weights(self.instrument).items():
            part = part_of[aspect_no]
            points[part] += self.indicators[no].score * weight
            total[part] += weight
        return {part: points[part] / total[part] for part in points}


def weighted(instrument: str, scores: Mapping[str, Fraction]) -> Fraction:
    return sum((scores[no] * weight for no, (_, weight) in weights(instrument).items()), Fraction())


Answers = dict[tuple[str, int, str], Fraction]


@dataclass(frozen=True)
class Blocker:
    gate_level: int
    opd_score: Fraction | None
    points_blocked: Fraction
    points_together: Fraction


@dataclass
class Oracle:
    facts: Facts
    answers: Answers = field(init=False)
    contradicted: set[tuple[str, int, str]] = field(init=False)

    def __post_init__(self) -> None:
        said: dict[tuple[str, int, str], set[Fraction]] = defaultdict(set)
        for opd, year, no, score in self.facts.answers:
            said[opd, year, no].add(score)
        self.contradicted = {key for key, scores in said.items() if len(scores) > 1}
        own = {key: min(scores) for key, scores in said.items() if len(scores) == 1}
        self.answers = {**self._handed_over(own), **own}

    def merged_into(self, opd: str) -> tuple[str, int] | None:
        """The first active OPD that comes after an inactive one, and how many steps away; None where nobody does."""
        if self.facts.opd.get(opd, True):
            return None
        at = opd
        for steps in range(1, len(self.facts.opd) + 1):
            if (at := self.facts.successors.get(at, "")) not in self.facts.opd:
                return None
            if self.facts.opd[at]:
                return at, steps
        return None

    def acting(self, opd: str) -> str:
        """Who acts for an OPD today: its heir, else itself."""
        heir = self.merged_into(opd)
        return heir[0] if heir else opd

    def _handed_over(self, own: Answers) -> Answers:
        """What each heir gets from those that were merged into it: one answer a key, the best claim to it first."""
        best: dict[tuple[str, int, str], tuple[bool, int, Fraction, str]] = {}
        for (opd, year, no), score in own.items():
            if (heir := self.merged_into(opd)) is None:
                continue
            registered, _ = self.facts.carriers.get((instrument_of(year), no), (None, None))
            claim = (registered != opd, heir[1], score, opd)
            key = heir[0], year, no
            best[key] = min(best.get(key, claim), claim)
        return {key: score for key, (_, _, score, _) in best.items()}

    def carrier(self, instrument: str, no: str) -> str | None:
        """Who carries an indicator now."""
        registered, _ = self.facts.carriers.get((instrument, no), (None, None))
        return registered and self.acting(registered)

    def scope(self, instrument: str, no: str) -> set[str]:
        """The carrier and its supporters as far as they're active, or whoever they were merged into."""
        carrier, supporters = self.facts.carriers[instrument, no]
        active = {opd for opd, is_active in self.facts.opd.items() if is_active}
        return active if EVERYONE in supporters else active & {self.acting(opd) for opd in {carrier} | supporters}

    def claim(self, year: int, no: str, answers: Answers) -> Fraction | None:
        """What the carrier says, gates aside. Another agency's indicator is nobody's to claim."""
        instrument = instrument_of(year)
        if no in EXTERNAL[instrument] or (instrument, no) not in self.facts.carriers:
            return None
        return answers.get((str(self.carrier(instrument, no)), year, no))

    def holders(self, year: int, no: str, answers: Answers) -> set[str]:
        """Who in scope is below the indicator's practice gate or silent."""
        instrument = instrument_of(year)
        gate = PRACTICE_GATES[instrument].get(no)
        if gate is None or (instrument, no) not in self.facts.carriers:
            return set()
        return {opd for opd in self.scope(instrument, no) if answers.get((opd, year, no), Fraction(-1)) < gate}

    def proposed(self, year: int, no: str, answers: Answers | None = None) -> Fraction | None:
        answers = self.answers if answers is None else answers
        claim = self.claim(year, no, answers)
        if claim is None or not self.holders(year, no, answers):
            return claim
        return min(claim, Fraction(PRACTICE_GATES[instrument_of(year)][no] - 1))

    def verdict(self, year: int, no: str, stage: str) -> Fraction | None:
        """The latest by its day; none where they contradict without a later day."""
        given = [one for one in self.facts.verdicts if (one.year, one.indicator_no, one.stage) == (year, no, stage)]
        if len({one.score for one in given}) <= 1:
            return given[0].score if given else None
        days = [one.day for one in given]
        if None in days:
            return None
        latest = {one.score for one in given if one.day == max(day for day in days if day is not None)}
        return latest.pop() if len(latest) == 1 else None

    def stages(self) -> dict[tuple[int, str], StageFigures]:
        """Every stage that exists, with its figures."""
        years = {year for _, year, _, _ in self.facts.answers} | self.facts.other_years
        existing = {(year, "proposed") for year in years}
        for one in self.facts.verdicts:
            if self.verdict(one.year, one.indicator_no, one.stage) is not None:
                existing.add((one.year, one.stage))
        return {(year, stage): self._stage(year, stage) for year, stage in existing}

    def _stage(self, year: int, stage: str) -> StageFigures:
        instrument = instrument_of(year)
        return StageFigures(instrument, {no: self._indicator(year, no, stage) for no in weights(instrument)})

    def _indicator(self, year: int, no: str, stage: str) -> IndicatorFigure:
        considered = ("official",) if stage == "official" else reversed(STAGES[1 : STAGES.index(stage) + 1])
        for one in considered:
            verdict = self.verdict(year, no, one)
            if verdict is not None:
                return IndicatorFigure(verdict, True, verdict)
        score = None if stage == "official" else self.proposed(year, no)
        if score is None:
            return IndicatorFigure(Fraction(LOWEST[instrument_of(year)]), False, None)
        return IndicatorFigure(score, True, self.claim(year, no, self.answers))

    def blockers(self) -> dict[tuple[int, str, str], Blocker]:
        """Who holds which indicator back, with gains found by raising the answers and scoring again."""
        found = {}
        for year in {year for year, stage in self.stages() if stage == "proposed"}:
            for no, gate in PRACTICE_GATES[instrument_of(year)].items():
                holders = self.holders(year, no, self.answers)
                for opd in holders:
                    found[year, no, opd] = Blocker(
                        gate,
                        self.answers.get((opd, year, no)),
                        self._gain(year, no, {opd}, gate),
                        self._gain(year, no, holders, gate),
                    )
        return found

    def _gain(self, year: int, no: str, raised: Iterable[str], gate: int) -> Fraction:
        instrument = instrument_of(year)
        lowest = Fraction(LOWEST[instrument])
        answers = {**self.answers, **{(opd, year, no): Fraction(gate) for opd in raised}}
        before, after = (self.proposed(year, no, one) for one in (self.answers, answers))
        gain = (lowest if after is None else after) - (lowest if before is None else before)
        return gain * weights(instrument)[no][1] / 100

    def estimate(self, year: int, stage: str) -> tuple[Fraction, Fraction, Fraction]:
        """Low, likely and high of an official result."""
        figures = self.stages()[year, stage]
        instrument = figures.instrument
        likely, high = {}, {}
        for no, one in figures.indicators.items():
            likely[no] = one.score if one.is_answered else self._last_official(year, no, one.score)
            high[no] = Fraction(HIGHEST) if one.claim is None else one.claim
        return figures.index, weighted(instrument, likely) / 100, weighted(instrument, high) / 100

    def falls(self, year: int, stage: str) -> list[tuple[int, Fraction]]:
        """Aspect and fall of every claim of an earlier year that a later stage gave a verdict on."""
        found = []
        later = STAGES[max(STAGES.index(stage), 1) + 1 :]
        for before in range(2018, year):
            if instrument_of(before) != instrument_of(year):
                continue
            for no, (aspect, _) in weights(instrument_of(year)).items():
                verdicts = [verdict for name in later if (verdict := self.verdict(before, no, name)) is not None]
                claim = self._claim(before, stage, no)
                if claim is not None and verdicts and no not in EXTERNAL[instrument_of(year)]:
                    found.append((aspect, claim - verdicts[-1]))
        return found

    def _claim(self, year: int, stage: str, no: str) -> Fraction | None:
        """The score of a stage, or of the other one that's the institution's own."""
        for name in dict.fromkeys((stage, {"proposed": "confirmed", "confirmed": "proposed"}.get(stage, stage))):
            figures = self.stages().get((year, name))
            if figures and figures.indicators[no].is_answered:
                return figures.indicators[no].score
        return None

    def expected(self, year: int, stage: str) -> tuple[Fraction, float, float, int] | None:
        """The expected official index, the ends of its interval and the number of cases; None without cases."""
        figures = self.stages()[year, stage]
        instrument = figures.instrument
        falls = [] if stage == "official" else self.falls(year, stage)
        if not falls:
            return None
        mean = sum(fall for _, fall in falls) / len(falls)
        whole = sum(fall for _, fall in falls) / (len(falls) + 2)
        scores, claims = {}, []
        for no, one in figures.indicators.items():
            mine = [fall for aspect, fall in falls if aspect == weights(instrument)[no][0]]
            fall = Fraction(round_half_up((sum(mine) + 10 * whole) / (len(mine) + 10), 4))
            is_claim = one.is_answered and no not in EXTERNAL[instrument]
            lowest = Fraction(LOWEST[instrument])
            scores[no] = min(max(one.score - fall, lowest), Fraction(HIGHEST)) if is_claim else one.score
            claims += [float(weights(instrument)[no][1] / 100)] if is_claim else []
        squares = float(sum((fall - mean) ** 2 for _, fall in falls))
        spread = ((squares + 2) / (len(falls) + 1)) ** 0.5
        reach = 2 * spread * (sum(one**2 for one in claims) + sum(claims) ** 2 / len(falls)) ** 0.5
        centre = weighted(instrument, scores) / 100
        ends = max(float(centre) - reach, LOWEST[instrument]), min(float(centre) + reach, HIGHEST)
        return centre, *ends, len(falls)

    def _last_official(self, year: int, no: str, otherwise: Fraction) -> Fraction:
        same = (one for one in range(year - 1, 2017, -1) if instrument_of(one) == instrument_of(year))
        scores = (self.verdict(one, no, "official") for one in same)
        return next((score for score in scores if score is not None), otherwise)
