"""What `status` tells: how fresh what's published is, how the last run ended, what's open, what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any

from spbe_etl.alerts import open_alerts
from spbe_etl.alerts.hours import Hours, expected_night, is_to_come, read_hours
from spbe_etl.alerts.state import state_path
from spbe_etl.cli.ask import ask
from spbe_etl.cli.output import pick
from spbe_etl.errors import NOTHING_PUBLISHED, PUBLISHED_WITH_UNREAD, ConfigurationError, SpbeError, unreadable
from spbe_etl.registers import zone_named
from spbe_etl.rollback import Standing, standing
from spbe_etl.settings import Settings
from spbe_etl.summary import Refused, Summary, read_summary

MOST_MISSED_NIGHTS = 3
"""More of them in a row are critical for a monitoring plugin."""


class Nagios(IntEnum):
    """A monitoring plugin's exit codes."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


@dataclass(frozen=True)
class Status:
    """All that `status` tells. `institutions`: each with its latest night, its age, reasons and unread workbooks.

    `unreadable`: what's there and can't be read, each with what to do.
    """

    institutions: Sequence[dict[str, Any]]
    chosen: str | None
    last_run: Summary | None
    published: Standing
    next_run: datetime
    alerts: Sequence[dict[str, Any]]
    unreadable: Sequence[str]

    @property
    def not_published(self) -> list[Refused]:
        """Why the last run published nothing, by institution; empty when it did."""
        last = self.last_run
        if last is None or last["exit_code"] in (0, PUBLISHED_WITH_UNREAD):
            return []
        if error := last.get("error"):
            return [{"institution_code": None, "reason": error}]
        if last["exit_code"] != NOTHING_PUBLISHED:
            return []
        told = [*last["refused"], *last["workbooks"]["failed"]]
        return [one for one in told if self.chosen is None or one["institution_code"] in (None, self.chosen)]

    @property
    def is_stale(self) -> bool:
        """Whether anything isn't of tonight, or can't be told to be."""
        is_doubtful = not self.institutions or bool(self.not_published or self.unreadable)
        return is_doubtful or any(one["is_stale"] for one in self.institutions)

    @property
    def level(self) -> Nagios:
        """How bad it is."""
        oldest = max((one["age_days"] for one in self.institutions), default=MOST_MISSED_NIGHTS + 1)
        if oldest > MOST_MISSED_NIGHTS or self.not_published:
            return Nagios.CRITICAL
        if self.unreadable:
            return Nagios.UNKNOWN
        return Nagios.WARNING if self.is_stale or self.alerts or self.published.is_rolled_back else Nagios.OK


def read_status(settings: Settings, institution: str | None) -> Status:
    """Look at everything; raises ConfigurationError where what's published or a setting can't be read."""
    now = datetime.now(UTC)
    last, alerts, problems = None, [], list[str]()
    with _said(problems):
        last = read_summary(settings)
    with _said(problems):
        alerts = _open_alerts(settings, institution)
    rows = ask(settings, "status", institution=institution) if settings.published_path.exists() else []
    hours = read_hours(settings)
    return Status(
        institutions=[_freshness(row, now, hours) for row in rows],
        chosen=institution,
        last_run=last,
        published=standing(settings.published_dir),
        next_run=hours.night.next_after(now),
        alerts=alerts,
        unreadable=problems,
    )


@contextmanager
def _said(problems: list[str]) -> Iterator[None]:
    """What can't be read is said, and the rest told all the same."""
    try:
        yield
    except SpbeError as error:
        problems.append(str(error))


def _open_alerts(settings: Settings, institution: str | None) -> list[dict[str, Any]]:
    path = state_path(settings)
    try:
        path.open("rb").close()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ConfigurationError(unreadable(path, error)) from error
    return [one for one in open_alerts(settings) if institution in (None, one["institution_code"])]


def _freshness(row: dict[str, Any], now: datetime, hours: Hours) -> dict[str, Any]:
    zone = zone_named(row["timezone"])
    today = now.astimezone(zone).date()
    age = (today - row["snapshot_on"]) // timedelta(days=1)
    unread = ", ".join(one["opd_code"] or "register" for one in row["failed"])
    reasons = [
        reason
        for reason, holds in (
            ("malam terakhir terlewat", row["snapshot_on"] < expected_night(now, zone, hours)),
            ("malam terakhir di masa depan, periksa jam", is_to_come(row["snapshot_on"], now, zone)),
            (f"tidak terbaca: {unread}", bool(unread)),
            ("sebagian memakai data lama", row["is_stale"]),
        )
        if holds
    ]
    about = pick(row, "institution_code", "institution_name", "snapshot_on", "failed")
    return about | {"age_days": age, "is_stale": bool(reasons), "reason": "; ".join(reasons) or "baru"}
