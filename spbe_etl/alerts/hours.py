"""When something is due and when nobody wants to be woken: times of day in an institution's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from spbe_etl.errors import ConfigurationError
from spbe_etl.schedule import NIGHTLY, Planned, load_schedule, night_of, read_time
from spbe_etl.settings import Settings

Quiet = tuple[time, time]
"""From the first time of day until before the second, over midnight where the second is the smaller one."""


@dataclass(frozen=True)
class Hours:
    """`by`: when tonight has to be published. `quiet`: when no message is sent. `night`: when a night starts."""

    by: time
    quiet: Quiet | None
    night: Planned


def read_hours(settings: Settings) -> Hours:
    """The times that are set; raises ConfigurationError."""
    problem = f"SPBE_ALERT_BY={settings.alert_by}: not a time of day. Write HH:MM, such as 05:00."
    by, quiet = read_time(settings.alert_by, problem), _quiet(settings.alert_quiet.strip())
    return Hours(by, quiet, load_schedule(settings)[NIGHTLY])


def expected_night(now: datetime, zone: tzinfo, hours: Hours) -> date:
    """The newest night that has to be published: the last one that started before the last hour at which one is due."""
    local = now.astimezone(zone)
    on = local.date() if local.time() >= hours.by else local.date() - timedelta(days=1)
    return night_of(hours.night.last_until(datetime.combine(on, hours.by, zone)))


def is_to_come(night: date, now: datetime, zone: tzinfo) -> bool:
    """Whether a night is of days ahead, which no zone explains."""
    return night > now.astimezone(zone).date() + timedelta(days=1)


def is_quiet(now: datetime, zone: tzinfo, quiet: Quiet | None) -> bool:
    """Whether nothing is to be sent at that moment."""
    if quiet is None:
        return False
    first, end = quiet
    at = now.astimezone(zone).time()
    return first <= at < end if first < end else at >= first or at < end


def _quiet(text: str) -> Quiet | None:
    if not text:
        return None
    problem = f"SPBE_ALERT_QUIET={text}: not hours. Write HH:MM-HH:MM, such as 21:00-05:00, or leave it empty for none."
    first, dash, end = text.partition("-")
    if not dash:
        raise ConfigurationError(problem)
    hours = read_time(first, problem), read_time(end, problem)
    if hours[0] == hours[1]:
        raise ConfigurationError(problem)
    return hours
