"""When what runs: `seeds/schedule.csv` in the institution's zone. No Prefect here, so that `status` can tell it too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from spbe_etl.errors import ConfigurationError, SpbeError
from spbe_etl.manifest import DATABASE
from spbe_etl.publishing import open_publication
from spbe_etl.registers import zone_named
from spbe_etl.resources import seed
from spbe_etl.settings import Settings
from spbe_etl.versions import version_folder, versions
from spbe_etl.warehouse import sql

NIGHTLY = "nightly"

Institutions = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Planned:
    """What runs when: a deployment's name, its cron line in the zone, and what it's for."""

    name: str
    cron: str
    about: str
    zone: ZoneInfo

    def next_after(self, moment: datetime) -> datetime:
        """The first time after a moment."""
        return next(CronSim(self.cron, moment.astimezone(self.zone)))

    def last_until(self, moment: datetime) -> datetime:
        """The last time until a moment."""
        local = moment.astimezone(self.zone).replace(microsecond=0)
        return next(CronSim(self.cron, local + timedelta(seconds=1), reverse=True))


def load_schedule(settings: Settings, zone: ZoneInfo | None = None) -> Mapping[str, Planned]:
    """Everything that's planned, by name; raises ConfigurationError."""
    there = zone or zone_of(settings)
    lines = {row["deployment"]: row for row in seed("schedule")}
    crons = {name: row["cron"] for name, row in lines.items()}
    if settings.night_at:
        crons[NIGHTLY] = daily_cron(settings.night_at, "SPBE_NIGHT_AT")
    return {name: Planned(name, _checked(crons[name]), row["about"], there) for name, row in lines.items()}


def daily_cron(text: str, setting: str) -> str:
    """A cron line for a time of day, HH:MM; raises ConfigurationError."""
    at = read_time(text, f"{setting}={text}: not a time of day. Write it as HH:MM, such as 01:30.")
    return f"{at.minute} {at.hour} * * *"


def read_time(text: str, problem: str) -> time:
    """A time of day written as HH:MM; raises ConfigurationError with the problem's words."""
    try:
        return datetime.strptime(text.strip(), "%H:%M").time()  # noqa: DTZ007 - a time of day alone
    except ValueError as error:
        raise ConfigurationError(problem) from error


def zone_of(settings: Settings, published: Institutions | None = None) -> ZoneInfo:
    """The setting's zone, else the one institution's that's published (looked up where not given), else Jakarta's."""
    if settings.timezone:
        try:
            return ZoneInfo(settings.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ConfigurationError(
                f"SPBE_TIMEZONE={settings.timezone}: no such zone. Give one such as Asia/Makassar."
            ) from error
    institutions = published_institutions(settings) if published is None else published
    zones = [row["timezone"] for row in institutions]
    return zone_named(zones[0] if len(zones) == 1 else None)


def published_institutions(settings: Settings) -> Institutions:
    """Code, name and zone of every institution that's published; none where nothing is, or nothing that can be read.

    A damaged publication must not keep the night away that replaces it.
    """
    if not settings.published_path.exists():
        return []
    try:
        with open_publication(settings.published_path) as publication:
            return publication.rows(sql("alerts/institution"))
    except SpbeError:
        return []


def published_since(settings: Settings, due: datetime) -> str | None:
    """The run that published a night since it was due, or None; one that was rolled back since isn't wanted again.

    None too where what others read is gone or damaged: the night is needed all the more.
    """
    folder = settings.published_dir
    newest = [version_folder(folder, one) / DATABASE for one in versions(folder)[-1:]]
    for path in (settings.published_path, *newest):
        try:
            with open_publication(path) as publication:
                runs = publication.rows(sql("ask/run_since"), {"due": due.astimezone(UTC).replace(tzinfo=None)})
        except SpbeError:
            return None
        if runs:
            return str(runs[0]["run_id"])
    return None


def night_of(due: datetime) -> date:
    """The night that a run has which was due then, however late it starts."""
    return due.date()


def _checked(cron: str) -> str:
    try:
        CronSim(cron, datetime.now(UTC))
    except CronSimError as error:
        raise ConfigurationError(f"schedule.csv: {cron!r} is no cron line ({error}).") from error
    return cron
