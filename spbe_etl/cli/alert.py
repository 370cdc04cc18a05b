"""`spbe-etl alert`: look for what's wrong and tell it, remind of deadlines, try the targets, list alerts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from spbe_etl.alerts import all_alerts, open_alerts, remind, test_delivery, watch
from spbe_etl.cli.options import AsJson, DataDir, outside, settings_with
from spbe_etl.cli.output import console, pick, safe, show_json, table
from spbe_etl.errors import WRONG_CALL
from spbe_etl.schedule import zone_of

NOTHING_SET = (
    "Belum ada tujuan. Isi SPBE_ALERT_URLS dengan alamat Apprise, misalnya mailto://pengguna:sandi@server?to=alamat"
)

alert_app = typer.Typer(name="alert", help="Alerts: look, tell, remind, try the targets, list.", no_args_is_help=True)


@alert_app.command()
def check(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Look for what's wrong, tell what's new, and show what's open. Exit 0 whatever it is: see status.

    Example: spbe-etl alert check
    """
    settings = settings_with(data_dir=data_dir)
    found = watch(settings, datetime.now(UTC), read_secret=outside().read_secret)
    if as_json:
        names = ("institution_code", "rule_code", "subject", "opened_at", "text")
        show_json(
            {
                "opened": len(found.opened),
                "closed": len(found.closed),
                "sent": found.sent,
                "failed": found.failed,
                "given_up": found.given_up,
                "open": [pick(row, *names) for row in found.open],
            }
        )
    else:
        _show(found.open, zone_of(settings))
        console.print(f"{len(found.opened)} peringatan baru, {len(found.closed)} selesai, {found.sent} pesan terkirim.")
        _show_failed(found.failed)


@alert_app.command(name="remind")
def remind_(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Remind of the deadline in the weeks before it, each reminder once; outside them nothing is sent.

    Example: spbe-etl alert remind
    """
    told = remind(settings_with(data_dir=data_dir), datetime.now(UTC), read_secret=outside().read_secret)
    if as_json:
        show_json({"sent": told.sent, "failed": told.failed, "given_up": told.given_up})
    else:
        console.print(f"{told.sent} pesan terkirim.")
        _show_failed(told.failed)


@alert_app.command(name="test")
def try_targets(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Send one test message to every target. Exit 2 when none is set or one doesn't take it.

    Example: spbe-etl alert test
    """
    tried = test_delivery(settings_with(data_dir=data_dir), read_secret=outside().read_secret)
    if as_json:
        show_json([{"target": one.target, "is_delivered": one.is_delivered} for one in tried])
    else:
        for one in tried:
            console.print(f"{safe(one.target)}: {'terkirim' if one.is_delivered else '[red]gagal[/]'}")
        if not tried:
            console.print(NOTHING_SET, soft_wrap=True)
        elif not all(one.is_delivered for one in tried):
            console.print(
                "Periksa alamat, nama pengguna dan kata sandi di SPBE_ALERT_URLS dan SPBE_REMINDER_URLS, "
                "dan apakah server ini boleh keluar ke layanan itu; lalu jalankan lagi: spbe-etl alert test",
                soft_wrap=True,
            )
    raise typer.Exit(0 if tried and all(one.is_delivered for one in tried) else WRONG_CALL)


@alert_app.command(name="list")
def list_(
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List open alerts, or all with their times.

    Example: spbe-etl alert list --all
    """
    settings = settings_with(data_dir=data_dir)
    rows = all_alerts(settings) if everything else open_alerts(settings)
    if as_json:
        show_json(rows)
    else:
        _show(rows, zone_of(settings))


def _show_failed(names: Sequence[str]) -> None:
    for name in names:
        console.print(f"[red]Belum terkirim[/] ke {safe(name)}; dicoba lagi pada pemeriksaan berikutnya.")


def _show(rows: Sequence[dict[str, Any]], zone: ZoneInfo) -> None:
    if not rows:
        console.print("Tidak ada peringatan.")
        return
    lines = [
        (_local(row["opened_at"], zone), _local(row.get("closed_at"), zone), row["rule_code"], row["text"])
        for row in rows
    ]
    table(f"Peringatan (waktu {zone.key})", ("Sejak", "Sampai", "Aturan", "Isi"), lines)


def _local(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M}" if moment else "-"
