"""`spbe-etl status`: how fresh the published index is, how the last run ended, what's open and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Annotated, Any

import typer

from spbe_etl.alerts import open_alerts
from spbe_etl.alerts.hours import Hours, expected_night, is_to_come, read_hours
from spbe_etl.cli.ask import ask
from spbe_etl.cli.options import AsJson, DataDir, Institution, settings_with
from spbe_etl.cli.output import console, pick, safe, show_json, table
from spbe_etl.errors import NOTHING_PUBLISHED, PUBLISHED_WITH_UNREAD
from spbe_etl.registers import zone_named
from spbe_etl.rollback import Standing, standing
from spbe_etl.settings import Settings
from spbe_etl.summary import last_summary

STALE = 1
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
    """All that `status` tells. `institutions`: each with its latest night, its age, reasons and unread workbooks."""

    institutions: Sequence[dict[str, Any]]
    chosen: str | None
    last_run: dict[str, Any] | None
    published: Standing
    next_run: datetime
    alerts: Sequence[dict[str, Any]]

    @property
    def not_published(self) -> list[dict[str, Any]]:
        """Why the last run published nothing, by institution; empty when it did."""
        last = self.last_run
        if last is None or last["exit_code"] in (0, PUBLISHED_WITH_UNREAD):
            return []
        if last.get("error"):
            return [{"institution_code": None, "reason": last["error"]}]
        if last["exit_code"] != NOTHING_PUBLISHED:
            return []
        told = [*last["refused"], *last["workbooks"]["failed"]]
        return [one for one in told if self.chosen is None or one["institution_code"] in (None, self.chosen)]

    @property
    def is_stale(self) -> bool:
        """Whether anything isn't of tonight."""
        return not self.institutions or bool(self.not_published) or any(one["is_stale"] for one in self.institutions)

    @property
    def level(self) -> Nagios:
        """How bad it is."""
        oldest = max((one["age_days"] for one in self.institutions), default=MOST_MISSED_NIGHTS + 1)
        if oldest > MOST_MISSED_NIGHTS or self.not_published:
            return Nagios.CRITICAL
        return Nagios.WARNING if self.is_stale or self.alerts or self.published.is_rolled_back else Nagios.OK


def status(
    nagios: Annotated[
        bool, typer.Option("--nagios", help="One line for a monitoring plugin; exit 0 to 3 as such plugins do.")
    ] = False,
    institution: Institution = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show how fresh the published index is, the last and next run, what couldn't be read, and open alerts.

    Exit 1 when something is stale.

    Example: spbe-etl status --nagios
    """
    try:
        settings = settings_with(data_dir=data_dir)
        found = _status(settings, institution)
    except Exception as error:  # the edge: a plugin that can't tell has to say so
        if not nagios:
            raise
        print(f"SPBE UNKNOWN - {' '.join(str(error).split())}")
        raise typer.Exit(Nagios.UNKNOWN) from error
    if as_json:
        show_json(_as_json(found))
    elif nagios:
        print(_nagios_line(found))
        raise typer.Exit(found.level)
    else:
        _show(settings, found)
    raise typer.Exit(STALE if found.is_stale else 0)


def _status(settings: Settings, institution: str | None) -> Status:
    now = datetime.now(UTC)
    rows = ask(settings, "status", institution=institution) if settings.published_path.exists() else []
    hours = read_hours(settings)
    return Status(
        institutions=[_freshness(row, now, hours) for row in rows],
        chosen=institution,
        last_run=last_summary(settings),
        published=standing(settings.published_dir),
        next_run=hours.night.next_after(now),
        alerts=[one for one in open_alerts(settings) if institution in (None, one["institution_code"])],
    )


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


def _as_json(found: Status) -> dict[str, Any]:
    stands = found.published
    return {
        "is_stale": found.is_stale,
        "institutions": found.institutions,
        "last_run": found.last_run,
        "published": {
            "version": stands.version,
            "newest_version": stands.newest,
            "is_rolled_back": stands.is_rolled_back,
        },
        "next_run": found.next_run,
        "alerts": found.alerts,
    }


def _nagios_line(found: Status) -> str:
    told = [f"{one['institution_code']} {one['snapshot_on']} {one['reason']}" for one in found.institutions]
    told += ["run terakhir tidak menerbitkan"] if found.not_published else []
    if found.published.is_rolled_back:
        told.append(f"versi {found.published.version} dari {found.published.newest}")
    age = max((one["age_days"] for one in found.institutions), default=-1)
    figures = f"age_days={age} alerts={len(found.alerts)}"
    return f"SPBE {found.level.name} - {'; '.join(told) or 'nothing published'} | {figures}"


def _show(settings: Settings, found: Status) -> None:
    if not found.institutions:
        console.print(f"Belum ada terbitan di {safe(settings.published_dir)}. Jalankan: spbe-etl run --source DIR")
    else:
        names = ("snapshot_on", "age_days", "reason")
        lines = [
            (one["institution_name"] or one["institution_code"], *(one[name] for name in names))
            for one in found.institutions
        ]
        table("Kebaruan", ("Instansi", "Malam terakhir", "Umur (hari)", "Keterangan"), lines, right=(2,))
    for one in found.institutions:
        for failed in one["failed"]:
            who = f"{safe(one['institution_code'])} {safe(failed['opd_code'] or 'register')}"
            console.print(f"{who}: {safe(failed['reason'])}", soft_wrap=True)
    for one in found.not_published:
        who = one["institution_code"] or "register"
        console.print(f"[red]Run terakhir tidak menerbitkan[/] {safe(who)}: {safe(one['reason'])}", soft_wrap=True)
    _show_rollback(found.published)
    if found.last_run:
        ended = found.last_run.get("ended_at")
        when = f", berakhir {_local(datetime.fromisoformat(ended), found.next_run)}" if ended else ""
        console.print(
            f"Run terakhir  : malam {found.last_run['night'] or '-'}{when}, kode {found.last_run['exit_code']}",
            soft_wrap=True,
        )
    following = _local(found.next_run, found.next_run)
    console.print(f"Jadwal malam  : berikutnya {following} bila spbe-etl serve berjalan", soft_wrap=True)
    for alert in found.alerts:
        console.print(f"[yellow]Peringatan[/]    : {safe(alert['text'])}", soft_wrap=True)


def _show_rollback(stands: Standing) -> None:
    if stands.is_rolled_back:
        console.print(
            f"[yellow]Yang terbit versi {stands.version}, bukan yang terbaru ({stands.newest}).[/] "
            f"Run berikutnya menerbitkan versi baru; pilihan lain: spbe-etl rollback --list",
            soft_wrap=True,
        )


def _local(moment: datetime, there: datetime) -> str:
    return f"{moment.astimezone(there.tzinfo):%Y-%m-%d %H:%M} ({getattr(there.tzinfo, 'key', 'UTC')})"
