"""What's wrong at a moment: every rule of `seeds/alert_rule.csv` looked at, by what's published and by the last run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from spbe_etl.alerts.deadlines import UPLOAD, deadlines
from spbe_etl.alerts.facts import EVERYBODY, Place, Rows, place_of, read_places, read_published, together
from spbe_etl.alerts.hours import Hours, expected_night, is_to_come
from spbe_etl.alerts.wording import LONGEST_CODE, day, figure, harmless, words
from spbe_etl.errors import DONE, NOTHING_PUBLISHED, PUBLISHED_WITH_UNREAD, UNFORESEEN, WRONG_CALL
from spbe_etl.resources import seed
from spbe_etl.settings import Settings
from spbe_etl.summary import last_summary

FAILED = (NOTHING_PUBLISHED, WRONG_CALL, UNFORESEEN)
PUBLISHED = (DONE, PUBLISHED_WITH_UNREAD)
HOLDS, OVER, LAPSED, GONE = "holds", "over", "lapsed", "gone"
"""An alert whose subject isn't there any more is gone: neither good news nor any to be told."""
OF_PUBLISHED = frozenset({"not_published", "opd_stale", "index_fell", "deadline_near"})
"""Rules that look at what's published alone."""
SAID_BY_A_CAUSE = ("index_fell", "deadline_near")
"""Rules whose good end is found like a cause; without one the year, the stage or the deadline isn't there any more."""

CHECKS = ("access", "backfill")
"""Checks whose end is kept: flows beside the night."""

Key = tuple[str, str, str]
Since = Mapping[tuple[str, str], date]
"""Workbooks that were never read, and the first night known on which they failed: (institution, subject) -> night."""


@dataclass(frozen=True)
class Cause:
    """A rule about one subject: it holds, or it's over, or its time has passed. `detail`: words for the texts."""

    institution_code: str
    rule_code: str
    subject: str
    detail: Mapping[str, str]
    state: str = HOLDS
    baseline: Decimal | None = None
    level: Decimal | None = None
    """What an index was before it fell, and is now."""

    @property
    def key(self) -> Key:
        """What tells one cause from another."""
        return self.institution_code, self.rule_code, self.subject


@dataclass(frozen=True)
class Findings:
    """All that was found. `known`: rules of which everything is known, so that a cause that isn't here is over."""

    causes: Mapping[Key, Cause]
    known: frozenset[str]
    places: Mapping[str, Place]
    levels: Mapping[tuple[str, str], Decimal]
    unread: Since
    read: Rows
    """OPD whose workbooks were read, of each institution."""
    failed: frozenset[tuple[str, str]]
    """Workbooks that couldn't be used: (institution, subject)."""

    def ending(self, key: Key, baseline: Decimal | None) -> str | None:
        """How an open alert ended; None where it goes on, or nothing is known of it. `baseline`: of an index."""
        code, rule_code, subject = key
        cause = self.causes.get(key)
        if cause is not None and cause.state != HOLDS:
            return cause.state
        if baseline is not None and (level := self.levels.get((code, subject))) is not None:
            return OVER if level >= baseline else None
        if cause is not None or rule_code not in self.known:
            return None
        return OVER if self._is_well(key) else GONE

    def _is_well(self, key: Key) -> bool:
        """Whether it's seen to be well again: what merely isn't there any more is no good news."""
        code, rule_code, subject = key
        if rule_code == "opd_stale":
            return (code, subject) not in self.failed and subject in self._read_subjects(code)
        return rule_code not in SAID_BY_A_CAUSE and code in self.places

    def _read_subjects(self, institution_code: str) -> set[str]:
        """Workbooks of a published institution that were read at some time."""
        lists = [row["opd_codes"] for row in self.read if row["institution_code"] == institution_code]
        register = [words()["register"]] if institution_code in self.places else []
        return {*register, *(harmless(code, LONGEST_CODE) for codes in lists for code in codes)}

    def place(self, *institution_codes: str) -> Place:
        """Where an alert belongs, or one message about several."""
        if len(institution_codes) > 1:
            return together(self.places, institution_codes)
        return place_of(self.places, *institution_codes)


@dataclass(frozen=True)
class Recalled:
    """What the state knows from before: workbooks that were never read, checks (of CHECKS) that failed."""

    unread: Since
    failed_checks: Sequence[str]


@dataclass(frozen=True)
class Facts:
    """What the rules look at. `rows`: of each query, none where nothing can be read."""

    settings: Settings
    now: datetime
    hours: Hours
    last: Mapping[str, Any] | None
    rows: Mapping[str, Rows]
    recalled: Recalled
    places: Mapping[str, Place]


def find_causes(settings: Settings, now: datetime, hours: Hours, before: Recalled) -> Findings:
    """Look at every rule; what's published may be missing or unreadable."""
    rows = read_published(settings)
    still_unread = _still_unread(rows["opd_stale"], before.unread)
    places = read_places(settings, rows["institution"])
    facts = Facts(settings, now, hours, last_summary(settings), rows, replace(before, unread=still_unread), places)
    found = [cause for rule in RULES.values() for cause in rule(facts)]
    known = {"check_failed"} | (OF_PUBLISHED if rows["institution"] else set())
    known |= {"audit_refused"} if facts.last and facts.last["exit_code"] in PUBLISHED else set()
    levels = {(row["institution_code"], _index_subject(row)): row["index_value"] for row in rows["index_level"]}
    unread_now = still_unread if rows["institution"] else before.unread
    failed = frozenset((row["institution_code"], _workbook_subject(row)) for row in rows["opd_stale"])
    causes = {cause.key: cause for cause in found}
    return Findings(causes, frozenset(known), places, levels, unread_now, rows["opd_read"], failed)


def _night_failed(facts: Facts) -> Iterator[Cause]:
    last = facts.last
    if last and last["exit_code"] in (*PUBLISHED, *FAILED):
        detail = {"night": _last_night(facts), "exit_code": str(last["exit_code"])}
        if last["exit_code"] in PUBLISHED:
            yield Cause(EVERYBODY, "night_failed", "", detail, OVER)
        elif last.get("error") or not last["refused"]:
            yield Cause(EVERYBODY, "night_failed", "", detail)


def _audit_refused(facts: Facts) -> Iterator[Cause]:
    for one in facts.last["refused"] if facts.last else []:
        code = str(one["institution_code"] or EVERYBODY)
        kept = words()["kept" if code in facts.places or not facts.rows["institution"] else "left_out"]
        yield Cause(code, "audit_refused", "", {"night": _last_night(facts), "kept": kept})


def _last_night(facts: Facts) -> str:
    night = facts.last and facts.last.get("night")
    try:
        return day(str(night)) if night else "-"
    except ValueError:
        return "-"


def _not_published(facts: Facts) -> Iterator[Cause]:
    published = {code: place for code, place in facts.places.items() if code != EVERYBODY}
    for code, place in (published or facts.places).items():
        expected = expected_night(facts.now, place.zone, facts.hours)
        if place.night is None or place.night < expected or is_to_come(place.night, facts.now, place.zone):
            yield Cause(code, "not_published", "", {"expected": day(expected), "latest": day(place.night)})


def _opd_stale(facts: Facts) -> Iterator[Cause]:
    for row in facts.rows["opd_stale"]:
        code, subject = row["institution_code"], _workbook_subject(row)
        since = facts.recalled.unread.get((code, subject), date.min)
        nights = sum(night >= since for night in row["nights"])
        if nights >= facts.settings.alert_stale_nights:
            yield Cause(code, "opd_stale", subject, {"nights": str(nights)})


def _still_unread(rows: Rows, unread: Since) -> Since:
    """Workbooks that were never read, with the first night on which they were found so."""
    never = {
        (row["institution_code"], _workbook_subject(row)): row["snapshot_on"]
        for row in rows
        if row["last_good_on"] is None
    }
    return {key: min(night, unread.get(key, night)) for key, night in never.items()}


def _workbook_subject(row: Mapping[str, Any]) -> str:
    return harmless(row["opd_code"], LONGEST_CODE) if row["opd_code"] else words()["register"]


def _index_fell(facts: Facts) -> Iterator[Cause]:
    names = {row["cause"]: row["cause_name"] for row in seed("cause")}
    for row in facts.rows["index_fell"]:
        detail = {
            "night": day(row["snapshot_on"]),
            "before": figure(row["value_before"]),
            "after": figure(row["value_after"]),
            "cause": names.get(row["cause"], words()["unknown"]),
        }
        before, after = row["value_before"], row["value_after"]
        yield Cause(row["institution_code"], "index_fell", _index_subject(row), detail, HOLDS, before, after)


def _index_subject(row: Mapping[str, Any]) -> str:
    names = {one["stage"]: one["stage_name"] for one in seed("stage")}
    return f"{row['year']} {names[row['stage']]}"


def _deadline_near(facts: Facts) -> Iterator[Cause]:
    for one in deadlines(facts.rows["completeness"], facts.places, facts.now):
        if one.event == UPLOAD and one.days_left <= facts.settings.alert_deadline_days:
            state = OVER if one.is_complete else HOLDS if one.days_left >= 0 else LAPSED
            yield Cause(one.institution_code, "deadline_near", str(one.year), one.detail, state)


def _check_failed(facts: Facts) -> Iterator[Cause]:
    for name in facts.recalled.failed_checks:
        yield Cause(EVERYBODY, "check_failed", words()[name], {})


RULES = {
    "night_failed": _night_failed,
    "audit_refused": _audit_refused,
    "not_published": _not_published,
    "opd_stale": _opd_stale,
    "index_fell": _index_fell,
    "deadline_near": _deadline_near,
    "check_failed": _check_failed,
}
