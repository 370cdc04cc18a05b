"""What makes an instrument whole: weights sum, numbers have no gap, predicates and levels cover the scale."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spbe_etl.instruments import Instrument

KINDS = ("process", "service")
GATE_KINDS = ("practice", "policy")


def contradictions(one: Instrument) -> Iterable[str]:
    """Everything that doesn't fit, in words; nothing for a whole instrument."""
    if one.last_year is not None and one.last_year < one.first_year:
        yield "the last year is before the first"
    yield from _wrong_weights(one)
    yield from _wrong_numbers(one)
    yield from _wrong_predicates(one)
    yield from _wrong_levels(one)
    yield from _wrong_summaries(one)


def _wrong_weights(one: Instrument) -> Iterable[str]:
    if sum(indicator.weight for indicator in one.indicators) != 100:
        yield "the indicators' weights don't sum to 100"
    if one.domains and sum(domain.weight for domain in one.domains) != 100:
        yield "the domains' weights don't sum to 100"
    for aspect in one.aspects:
        if aspect.weight != sum(i.weight for i in one.indicators if i.aspect_no == aspect.no):
            yield f"aspect {aspect.no} weighs other than its indicators"
    for domain in one.domains:
        if domain.weight != sum(aspect.weight for aspect in one.aspects if aspect.domain_no == domain.no):
            yield f"domain {domain.no} weighs other than its aspects"
    for indicator in one.indicators:
        if indicator.weight <= 0:
            yield f"indicator {indicator.no} has no weight"


def _wrong_numbers(one: Instrument) -> Iterable[str]:
    for what, parts in (("domain", one.domains), ("aspect", one.aspects)):
        if [part.no for part in parts] != [str(no) for no in range(1, len(parts) + 1)]:
            yield f"{what} numbers have a gap or are out of order"
    bases = [i.no for i in one.indicators if "-" not in i.no]
    if bases != [str(no) for no in range(1, len(bases) + 1)]:
        yield "indicator numbers have a gap or are out of order"
    numbers = Counter(i.no for i in one.indicators)
    if repeated := [no for no, count in numbers.items() if count > 1]:
        yield f"indicator {repeated[0]} stands twice"
    for extra in (no for no in numbers if "-" in no):
        if not re.fullmatch(r"\d+-[2-9]", extra) or extra.split("-")[0] not in numbers:
            yield f"indicator {extra} extends none"
    if unknown := {i.aspect_no for i in one.indicators} - {aspect.no for aspect in one.aspects}:
        yield f"indicators name unknown aspects {sorted(unknown)}"
    if {aspect.domain_no for aspect in one.aspects} != ({domain.no for domain in one.domains} or {""}):
        yield "aspects name unknown domains, or a domain has no aspect"


def _wrong_predicates(one: Instrument) -> Iterable[str]:
    if len({predicate.name for predicate in one.predicates}) != len(one.predicates):
        yield "a predicate stands for two ranges"
    if any(predicate.from_index != round(predicate.from_index, 2) for predicate in one.predicates):
        yield "predicates start at figures of two decimals, as published indices have"
    starts = [predicate.from_index for predicate in one.predicates]
    if starts != sorted(set(starts), reverse=True):
        yield "predicates must stand from the highest down, each start once"
    if not starts or starts[-1] != one.lowest_score or starts[0] > one.highest_score:
        yield "predicates don't cover the scale from its lowest score to its highest"


def _wrong_levels(one: Instrument) -> Iterable[str]:
    used = {indicator.kind for indicator in one.indicators}
    if used - {"", *KINDS}:
        yield f"kinds must be of {KINDS}"
    if unused := {level.kind for level in one.level_names} - used:
        yield f"level names for unused kinds {sorted(unused)}"
    levels = range(one.lowest_score, one.highest_score + 1)
    for kind in {level.kind for level in one.level_names}:
        if {level.level_no for level in one.level_names if level.kind == kind} != set(levels):
            yield f"{kind} level names don't name every level"
        names = {(level.name.casefold(), level.level_no) for level in one.level_names if level.kind == kind}
        if len({name for name, _ in names}) != len(names):
            yield f"a {kind} level name stands for two levels"
    for indicator in one.indicators:
        if (indicator.gate_level is None) != (indicator.gate_kind == ""):
            yield f"indicator {indicator.no} has half a gate"
        elif indicator.gate_level is not None and (
            indicator.gate_kind not in GATE_KINDS or indicator.gate_level not in levels[1:]
        ):
            yield f"indicator {indicator.no} has a gate of an unknown kind or level"


def _wrong_summaries(one: Instrument) -> Iterable[str]:
    levels = range(one.lowest_score, one.highest_score + 1)
    if one.level_summaries:
        summarised = [(level.indicator_no, level.level_no) for level in one.level_summaries]
        if summarised != [(i.no, level) for i in one.indicators for level in levels]:
            yield "level summaries must cover every level of every indicator, in order"
        gates = {(i.no, i.gate_level) for i in one.indicators if i.gate_level is not None}
        if gates != {(level.indicator_no, level.level_no) for level in one.level_summaries if level.all_opd_demand}:
            yield "what a level asks of all OPD must stand where a gate is, and nowhere else"
