"""`spbe-etl status`: how fresh the published index is, how the last run ended, what's open and what comes next."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from spbe_etl.cli.freshness import Nagios, Status, read_status
from spbe_etl.cli.options import AsJson, DataDir, Institution, settings_with
from spbe_etl.cli.output import console, safe, show_json, table
from spbe_etl.rollback import Standing
from spbe_etl.settings import Settings

STALE = 1
LONGEST_LINE = 1000
"""Of a plugin, in characters: monitors cut longer ones, and the figures at their end with them."""


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
        found = read_status(settings, institution)
    except Exception as error:  # the edge: a plugin that can't tell has to say so
        if not nagios:
            raise
        print(f"SPBE UNKNOWN - {_one_line(str(error))}")
        raise typer.Exit(Nagios.UNKNOWN) from error
    if as_json:
        show_json(_as_json(found))
    elif nagios:
        print(_nagios_line(found))
        raise typer.Exit(found.level)
    else:
        _show(settings, found)
    raise typer.Exit(STALE if found.is_stale else 0)


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
        "unreadable": found.unreadable,
    }


def _nagios_line(found: Status) -> str:
    """What concerns everybody, then the institutions, stale ones first: a long line loses its end."""
    told = ["run terakhir tidak menerbitkan"] if found.not_published else []
    if found.published.is_rolled_back:
        told.append(f"versi {found.published.version} dari {found.published.newest}")
    told += found.unreadable
    by_need = sorted(found.institutions, key=lambda one: not one["is_stale"])
    told += [f"{one['institution_code']} {one['snapshot_on']} {one['reason']}" for one in by_need]
    age = max((one["age_days"] for one in found.institutions), default=-1)
    figures = f"age_days={age} alerts={len(found.alerts)}"
    return f"SPBE {found.level.name} - {_one_line('; '.join(told)) or 'nothing published'} | {figures}"


def _one_line(text: str) -> str:
    """Words that may hold codes from cells, without what the plugins' protocol gives a meaning."""
    plain = "".join(c if c.isprintable() and c != "|" else " " for c in text)
    return " ".join(plain.split())[:LONGEST_LINE]


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
    for refused in found.not_published:
        who = refused["institution_code"] or "register"
        console.print(f"[red]Run terakhir tidak menerbitkan[/] {safe(who)}: {safe(refused['reason'])}", soft_wrap=True)
    for problem in found.unreadable:
        console.print(f"[red]Tidak dapat dibaca[/]: {safe(problem)}", soft_wrap=True)
    _show_rollback(found.published)
    if found.last_run:
        ended = found.last_run.get("ended_at")
        when = f", berakhir {_local(ended, found.next_run)}" if ended else ""
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
