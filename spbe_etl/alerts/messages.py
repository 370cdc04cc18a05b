"""Messages about alerts, from the texts in `seeds/alert_rule.csv` and `seeds/reminder.csv`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from spbe_etl.alerts.causes import LAPSED
from spbe_etl.alerts.deadlines import Deadline
from spbe_etl.alerts.facts import Place
from spbe_etl.alerts.wording import LONGEST_CODE, day, harmless, listed, shortened, words
from spbe_etl.resources import seed

LONGEST_TITLE, LONGEST_BODY = 60, 400
LONGEST_IN_TITLE = 30
LONGEST_LINES = 170

Detail = Mapping[str, str]


@dataclass(frozen=True)
class Message:
    """What's sent: plain text."""

    title: str
    body: str


@cache
def rules() -> Mapping[str, Mapping[str, str]]:
    """The rules in the order in which they're looked at: those that silence others first."""
    return {row["rule_code"]: row for row in seed("alert_rule")}


def silencers(rule_code: str) -> tuple[str, ...]:
    """Rules that tell of the same cause already."""
    return tuple(filter(None, rules()[rule_code]["silenced_by"].split(";")))


def alert_text(place: Place, rule_code: str, subject: str, detail: Detail) -> str:
    """One alert in one line, as `status` shows it."""
    fields = {"institution": place.name, "subject": subject, **detail}
    return shortened(_filled(rules()[rule_code]["text"], fields), LONGEST_BODY)


def opening(place: Place, code: str, rule_code: str, alerts: Sequence[tuple[str, Detail]]) -> Message:
    """One message for alerts of one rule that are new. `alerts`: subject and detail of each."""
    rule = rules()[rule_code]
    lines = [_filled(rule["line"], {"subject": subject, **detail}) for subject, detail in alerts]
    return _message(rule["title"], rule["body"], _fields(place, code, alerts, lines))


def ending(place: Place, code: str, rule_code: str, state: str, alerts: Sequence[tuple[str, Detail]]) -> Message:
    """One message for alerts of one rule that are over, or whose time has passed."""
    rule = rules()[rule_code]
    kind = "lapsed" if state == LAPSED else "recovered"
    now = {"night": day(place.night)}
    told = [(subject, {**detail, **now}) for subject, detail in alerts]
    return _message(rule[f"{kind}_title"], rule[f"{kind}_body"], _fields(place, code, told, []))


def reminder(place: Place, deadline: Deadline, texts: Mapping[str, str]) -> Message:
    """A reminder of a deadline. `texts`: a row of `seeds/reminder.csv`."""
    fields = {"institution": place.name, "short": place.name, "year": str(deadline.year), **deadline.detail}
    return _message(texts["title"], texts["body"], fields)


def trial() -> Message:
    """What a target is tried with."""
    return Message(words()["test_title"], words()["test_body"])


def _fields(place: Place, code: str, alerts: Sequence[tuple[str, Detail]], lines: Sequence[str]) -> dict[str, str]:
    _, first = alerts[0]
    return {
        **first,
        "institution": place.name,
        "short": place.short or place.name,
        "code": harmless(code, LONGEST_CODE) if code else words()["code"],
        "count": str(len(alerts)),
        "subjects": listed([subject for subject, _ in alerts]),
        "lines": listed(lines, max(LONGEST_LINES, *map(len, lines))) if lines else "",
    }


def _message(title: str, body: str, fields: Mapping[str, str]) -> Message:
    short = {**fields, "institution": shortened(fields["short"], LONGEST_IN_TITLE)}
    return Message(
        shortened(_filled(title, short), LONGEST_TITLE),
        shortened(_filled(body, fields), LONGEST_BODY),
    )


def _filled(text: str, fields: Mapping[str, str]) -> str:
    """A text with its words; a dash for one that an alert of an earlier version was kept without."""
    return text.format_map(defaultdict(lambda: "-", fields))
