"""Messages on their way: put into the outbox, sent, and kept as sent."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from spbe_etl.alerts.delivery import Send, Target, Targets, by_key, is_taken
from spbe_etl.alerts.messages import Message
from spbe_etl.alerts.state import State, open_state, stored
from spbe_etl.settings import Settings
from spbe_etl.warehouse import sql

log = logging.getLogger("spbe_etl.alerts")

GIVEN_UP_AFTER = timedelta(days=7)
KEPT_FOR = timedelta(days=90)

IsQuiet = Callable[[str], bool]
"""Whether an institution wants no message now."""


@dataclass(frozen=True)
class Delivered:
    """Messages that were sent, names of targets that didn't take one, and messages that were given up."""

    sent: int
    failed: tuple[str, ...]
    given_up: int


def post(
    state: State, institution_code: str, message: Message, kind: str, targets: Sequence[Target], now: datetime
) -> None:
    """Put a message for every target into the outbox."""
    (number,) = state.rows("SELECT nextval('message_numbers') AS no")
    for target in targets:
        state.execute(
            "INSERT INTO outbox (message_no, target, kind, institution_code, title, body, made_at) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7)",
            [number["no"], target.key, kind, institution_code, message.title, message.body, stored(now)],
        )


def deliver(settings: Settings, targets: Targets, is_quiet: IsQuiet, now: datetime, send: Send) -> Delivered:
    """Send what's in the outbox, each message kept as sent right after; a target that fails is left until next time."""
    with open_state(settings) as state:
        given_up = _give_up(state, now)
        _readdress(state, targets)
        pending = state.rows(sql("alerts/pending"))
    known = by_key(targets)
    failed: dict[str, str] = {}
    sent = 0
    for row in pending:
        target = known.get(row["target"])
        if target is None or target.key in failed or is_quiet(row["institution_code"]):
            continue
        taken = is_taken(send, target, Message(row["title"], row["body"]))
        with open_state(settings) as state:
            state.execute(
                "UPDATE outbox SET tries = tries + 1, sent_at = $1 WHERE message_no = $2 AND target = $3",
                [stored(now) if taken else None, row["message_no"], target.key],
            )
        if taken:
            sent += 1
        else:
            failed[target.key] = target.name
    return Delivered(sent, tuple(failed.values()), given_up)


def _readdress(state: State, targets: Targets) -> None:
    """What waits for an address that was corrected goes to those that are set now; where none is, it waits."""
    for kind, several in targets.items():
        if keys := [target.key for target in several]:
            state.execute(sql("alerts/readdressed"), [kind, keys])
            state.execute(
                "DELETE FROM outbox WHERE kind = $1 AND sent_at IS NULL AND given_up_at IS NULL "
                "AND NOT list_contains($2, target)",
                [kind, keys],
            )


def _give_up(state: State, now: datetime) -> int:
    given_up = state.rows(
        "UPDATE outbox SET given_up_at = $1 WHERE sent_at IS NULL AND given_up_at IS NULL AND made_at < $2 RETURNING 1",
        [stored(now), stored(now - GIVEN_UP_AFTER)],
    )
    if given_up:
        log.error("%d messages given up: not delivered for %d days", len(given_up), GIVEN_UP_AFTER.days)
    state.execute("DELETE FROM outbox WHERE made_at < $1", [stored(now - KEPT_FOR)])
    return len(given_up)
