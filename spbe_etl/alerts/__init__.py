"""Alerts: what's wrong and what's well again, each told once, and reminders of deadlines.

causes.py says what's wrong; watching.py opens, closes and makes messages; outbox.py keeps them until delivery.py has
sent them; state.py remembers.
Rules and texts: `warehouse/seeds/alert_rule.csv`, `reminder.csv`, `alert_text.csv`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from spbe_etl.alerts.causes import find_causes
from spbe_etl.alerts.deadlines import Deadline, read_deadlines
from spbe_etl.alerts.delivery import ALERT, REMINDER, Send, by_key, find_targets, is_taken, through_apprise
from spbe_etl.alerts.facts import Place, place_of
from spbe_etl.alerts.hours import Hours, is_quiet, read_hours
from spbe_etl.alerts.messages import Message, reminder, trial
from spbe_etl.alerts.outbox import IsQuiet, deliver, post
from spbe_etl.alerts.state import State, glance, one_check, open_state, stored
from spbe_etl.alerts.watching import compose, recall, settle
from spbe_etl.google.credentials import ReadSecret, no_secrets
from spbe_etl.resources import seed
from spbe_etl.settings import Settings
from spbe_etl.warehouse import sql

__all__ = [
    "Message",
    "Send",
    "Tried",
    "Watched",
    "all_alerts",
    "keep_check",
    "open_alerts",
    "remind",
    "test_delivery",
    "watch",
]

Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Watched:
    """What came of a check: alerts that opened and closed, those that are open, and what was delivered.

    `sent`: messages that were delivered, counted once per target. `failed`: targets that didn't take one, by name.
    """

    opened: Rows
    closed: Rows
    open: Rows
    sent: int
    failed: tuple[str, ...]
    given_up: int


@dataclass(frozen=True)
class Tried:
    """A target by its name, and whether it took the test message."""

    target: str
    is_delivered: bool


def watch(
    settings: Settings, now: datetime, send: Send = through_apprise, read_secret: ReadSecret = no_secrets
) -> Watched:
    """Look for what's wrong and what's well again, and tell each once. Raises ConfigurationError."""
    hours = read_hours(settings)
    with one_check(settings), open_state(settings) as state:
        findings = find_causes(settings, now, hours, recall(state))
        opened, closed = settle(state, findings, now)
    targets = find_targets(settings, read_secret)  # what was found is kept, whether or not secrets can be read
    quiet = _quiet_now(findings.places, now, hours)
    with one_check(settings):
        with open_state(settings) as state:
            compose(state, findings, targets[ALERT], quiet, now)
            still_open = state.rows(sql("alerts/listed"), [False])
        told = deliver(settings, targets, quiet, now, send)
    return Watched(opened, closed, still_open, told.sent, told.failed, told.given_up)


def remind(
    settings: Settings, now: datetime, send: Send = through_apprise, read_secret: ReadSecret = no_secrets
) -> Watched:
    """Remind of deadlines in the weeks before them, each reminder once. Raises ConfigurationError."""
    hours = read_hours(settings)
    targets = find_targets(settings, read_secret)
    with one_check(settings):
        found, places = read_deadlines(settings, now)
        quiet = _quiet_now(places, now, hours)
        with open_state(settings) as state:
            for one in found:
                if targets[REMINDER] and not quiet(one.institution_code) and (texts := _due(state, one)):
                    message = reminder(places[one.institution_code], one, texts)
                    post(state, one.institution_code, message, REMINDER, targets[REMINDER], now)
                    state.execute(
                        "INSERT INTO reminders VALUES ($1, $2, $3, $4, $5)",
                        [one.institution_code, one.year, one.event, int(texts["days_before"]), stored(now)],
                    )
            still_open = state.rows(sql("alerts/listed"), [False])
        told = deliver(settings, targets, quiet, now, send)
    return Watched((), (), still_open, told.sent, told.failed, told.given_up)


def keep_check(settings: Settings, name: str, now: datetime, *, has_failed: bool) -> None:
    """Keep how one of CHECKS ended, for the next look. Raises ConfigurationError."""
    with one_check(settings), open_state(settings) as state:
        state.execute("DELETE FROM checks WHERE check_name = $1", [name])
        state.execute("INSERT INTO checks VALUES ($1, $2, $3)", [name, stored(now), has_failed])


def open_alerts(settings: Settings) -> list[dict[str, Any]]:
    """Alerts that are open now, oldest first; writes nothing and waits for nothing."""
    columns = ("institution_code", "rule_code", "subject", "opened_at", "text")
    return [{name: row[name] for name in columns} for row in glance(settings, sql("alerts/listed"), [False])]


def all_alerts(settings: Settings) -> list[dict[str, Any]]:
    """Every alert there ever was, with when it opened, closed and was told (UTC)."""
    return glance(settings, sql("alerts/listed"), [True])


def test_delivery(
    settings: Settings,
    send: Send = through_apprise,  # noqa: PT028 - not a test, but what `alert test` does
    read_secret: ReadSecret = no_secrets,  # noqa: PT028
) -> list[Tried]:
    """Send one test message to every target, whatever the hour; raises ConfigurationError."""
    targets = by_key(find_targets(settings, read_secret)).values()
    return [Tried(target.name, is_taken(send, target, trial())) for target in targets]


def _quiet_now(places: Mapping[str, Place], now: datetime, hours: Hours) -> IsQuiet:
    def quiet(institution_code: str) -> bool:
        return is_quiet(now, place_of(places, institution_code).zone, hours.quiet)

    return quiet


def _due(state: State, deadline: Deadline) -> Mapping[str, str] | None:
    """The reminder that's due and wasn't made; one for days that were missed, the nearest to the deadline."""
    lines = [
        row
        for row in seed("reminder")
        if row["event"] == deadline.event and int(row["days_before"]) >= deadline.days_left
    ]
    if not deadline.is_open or deadline.is_complete or not lines:
        return None
    nearest = min(lines, key=lambda row: int(row["days_before"]))
    made = state.rows(
        "SELECT 1 FROM reminders WHERE institution_code = $1 AND year = $2 AND event = $3 AND days_before <= $4",
        [deadline.institution_code, deadline.year, deadline.event, int(nearest["days_before"])],
    )
    return None if made else nearest
