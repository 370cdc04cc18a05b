"""What each OPD of the synthetic Selayar answers, before any mess.

A carrier answers what `claim.csv` says. A supporter stands at or above a practice gate unless
`blocker.csv` says otherwise, so who holds the district back is a matter of that file, not of chance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from spbe_etl.instruments import Indicator, Instrument
from spbe_etl.resources import seed
from spbe_etl.templates.sheets import CellValue

EVERY_OPD = "SEMUA"
FIRST_DAY_OF_EVIDENCE = (1, 6)
DAYS_OF_EVIDENCE = 210


@dataclass(frozen=True)
class Answer:
    """One row of `Penilaian` as an OPD types it; names are those of `worksheet_field.csv`."""

    year: int
    indicator: str
    indicator_name: str
    score: CellValue
    explanation: str
    evidence: str
    evidence_on: date | None


@dataclass(frozen=True)
class Duty:
    """One indicator of one year: who carries it, who supports it, and what the carrier claims."""

    year: int
    instrument: Instrument
    indicator: Indicator
    carrier: str
    supporters: tuple[str, ...]
    claim: str

    def includes(self, opd_code: str) -> bool:
        """Whether an OPD has to answer this indicator."""
        return opd_code == self.carrier or EVERY_OPD in self.supporters or opd_code in self.supporters


@dataclass(frozen=True)
class Plan:
    """Everything the answers follow from. `blockers`: (indicator, OPD) -> score typed and reason."""

    duties: tuple[Duty, ...]
    blockers: Mapping[tuple[str, str], tuple[str, str]]
    phrases: Mapping[tuple[str, int], tuple[str, ...]]


def load_plan(instruments: Mapping[str, Instrument]) -> Plan:
    """Read the plan from the seeds. External indicators are nobody's duty."""
    carriers = {(row["instrument_code"], row["indicator_no"]): row for row in seed("sample/carrier")}
    duties: list[Duty] = []
    for claim in seed("sample/claim"):
        year = int(claim["year"])
        instrument = next(one for one in instruments.values() if one.covers(year))
        indicator = next(one for one in instrument.indicators if one.no == claim["indicator_no"])
        row = carriers[instrument.code, indicator.no]
        supporters = tuple(code.strip() for code in row["supporters"].split(";") if code.strip())
        if not indicator.is_external:
            duties.append(Duty(year, instrument, indicator, row["carrier"], supporters, claim["score"]))
    phrases: dict[tuple[str, int], list[str]] = defaultdict(list)
    for row in seed("sample/phrase"):
        phrases[row["role"], int(row["level_no"])].append(row["text"])
    return Plan(
        tuple(duties),
        {(row["indicator_no"], row["opd_code"]): (row["score"], row["note"]) for row in seed("sample/blocker")},
        {key: tuple(texts) for key, texts in phrases.items()},
    )


def opd_answers(opd_code: str, plan: Plan, seed_no: int) -> list[Answer]:
    """The rows of one OPD's `Penilaian`, one per duty of its own, in the order of year and indicator."""
    chance = Random(f"{seed_no}/{opd_code}")  # noqa: S311  sample data, no secret
    return [_answer(duty, opd_code, plan, chance) for duty in plan.duties if duty.includes(opd_code)]


def _answer(duty: Duty, opd_code: str, plan: Plan, chance: Random) -> Answer:
    typed, reason = duty.claim, ""
    blocker = plan.blockers.get((duty.indicator.no, opd_code)) if duty.indicator.gate_level else None
    if blocker is not None:
        typed, reason = blocker
    elif opd_code != duty.carrier:
        typed = str(_supporter_score(duty, chance))
    level = _level(typed)
    explanation = reason or _explanation(duty, opd_code, level, plan, chance)
    has_evidence = level >= 2 or (duty.instrument.score_decimals > 0 and level == 1 and typed != "1")
    links = _links(duty, opd_code, chance) if has_evidence else []
    evidence_on = date(duty.year, *FIRST_DAY_OF_EVIDENCE) + timedelta(days=chance.randrange(DAYS_OF_EVIDENCE))
    return Answer(
        year=duty.year,
        indicator=duty.indicator.no,
        indicator_name=duty.indicator.name,
        score=_as_typed(typed),
        explanation=explanation if typed else "",
        evidence="\n".join(links),
        evidence_on=evidence_on if links else None,
    )


def _supporter_score(duty: Duty, chance: Random) -> Decimal:
    """At the gate or one above; without a gate the carrier's claim or a step below it."""
    instrument = duty.instrument
    if duty.indicator.gate_level is not None and duty.indicator.gate_kind == "practice":
        return Decimal(min(duty.indicator.gate_level + chance.choice((0, 0, 0, 1)), instrument.highest_score))
    step = Decimal(1) if instrument.score_decimals == 0 else Decimal("0.25")
    claim = Decimal(duty.claim.replace(",", ".") or instrument.lowest_score)
    return max(claim - chance.choice((0, 1)) * step, Decimal(instrument.lowest_score))


def _level(typed: str) -> int:
    """The whole level reached; 0 for no answer."""
    return int(Decimal(typed.replace(",", "."))) if typed else 0


def _as_typed(typed: str) -> CellValue:
    """A comma makes a text of it, as it does where Excel expects a point; anything else is a number."""
    if not typed or "," in typed:
        return typed or None
    return int(typed) if typed.isdigit() else Decimal(typed)


def _explanation(duty: Duty, opd_code: str, level: int, plan: Plan, chance: Random) -> str:
    if not duty.instrument.level_summaries:
        return chance.choice(plan.phrases["pemdi", 1])
    if opd_code != duty.carrier:
        return chance.choice(plan.phrases["supporter", max(level, 1)])
    wanted = (duty.indicator.no, level)
    found: Iterator[str] = (
        summary.summary
        for summary in duty.instrument.level_summaries
        if (summary.indicator_no, summary.level_no) == wanted
    )
    return next(found, "")


def _links(duty: Duty, opd_code: str, chance: Random) -> list[str]:
    """One or two addresses that lead nowhere and say so."""
    places = (
        "https://drive.google.com/file/d/CONTOH-{name}-{mark:06x}/view",
        "https://drive.google.com/drive/folders/CONTOH-{name}-{mark:06x}",
        "https://ppid.selayarkab.example/dokumen/CONTOH-{name}-{mark:06x}.pdf",
    )
    name = f"{duty.year}-{opd_code}-{duty.indicator.no}"
    count = chance.choice((1, 1, 1, 2))
    return [place.format(name=name, mark=chance.randrange(16**6)) for place in chance.sample(places, count)]
