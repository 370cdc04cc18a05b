"""`spbe-etl rollback`: others read an earlier version again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from spbe_etl.cli.options import AsJson, DataDir, settings_with
from spbe_etl.cli.output import console, show_json, table
from spbe_etl.composition import hold_lock
from spbe_etl.errors import ConfigurationError
from spbe_etl.rollback import Kept, known_versions, list_kept, roll_back, standing


def rollback(
    to: Annotated[int | None, typer.Option(metavar="VERSION", help="This version. Default: the one before.")] = None,
    as_list: Annotated[bool, typer.Option("--list", help="Show the versions that are kept; change nothing.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Publish the version before again, or another that's kept. It lasts until the next run, which publishes anew.

    Only what others read changes: the warehouse keeps every night.

    Example: spbe-etl rollback --list
    """
    settings = settings_with(data_dir=data_dir)
    folder = settings.published_dir
    if as_list:
        if to is not None:
            raise ConfigurationError("--list changes nothing. Give --list or --to VERSION, not both.")
        _show_kept(folder, as_json)
        return
    known_versions(folder)  # before the lock, which would make a mistyped data directory
    with hold_lock(settings):
        before = standing(folder).version
        manifest = roll_back(folder, to)
    if as_json:
        about = {"version": manifest.version, "night": manifest.night, "run_id": manifest.run_id}
        show_json(about | {"published_at": manifest.published_at, "version_before": before})
        return
    console.print(f"Yang terbit sekarang versi {manifest.version}, malam {manifest.night} (sebelumnya versi {before}).")
    console.print("Ini berlaku sampai run berikutnya: spbe-etl run selalu menerbitkan versi baru.")


def _show_kept(folder: Path, as_json: bool) -> None:
    kept = list_kept(folder)
    if as_json:
        show_json([_told(one) for one in kept])
        return
    if not kept:
        console.print("Belum ada versi terbitan.")
        return
    lines = [
        (told["version"], told["night"], told["run_id"], (told["published_at"] or "")[:19], _remark(told))
        for told in map(_told, kept)
    ]
    table("Versi terbitan", ("Versi", "Malam", "Run", "Terbit (UTC)", "Keterangan"), lines, right=(0,))


def _told(one: Kept) -> dict[str, Any]:
    names = ("night", "run_id", "published_at")
    about = {name: getattr(one.manifest, name, None) for name in names}
    return {"version": one.version, **about, "is_current": one.is_current, "problem": one.problem}


def _remark(told: dict[str, Any]) -> str:
    remarks = (("terbit sekarang", told["is_current"]), (f"rusak: {told['problem']}", told["problem"]))
    return "; ".join(word for word, holds in remarks if holds)
