"""`spbe-etl run`: one night, as a Prefect flow or bare."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from spbe_etl.cli.ask import show_indices
from spbe_etl.cli.options import AsJson, DataDir, read_day, settings_with
from spbe_etl.cli.output import console, errors, safe, show_json, table
from spbe_etl.composition import new_request, open_night
from spbe_etl.errors import NOTHING_PUBLISHED, SpbeError
from spbe_etl.night import run_night
from spbe_etl.progress import listener
from spbe_etl.settings import Settings
from spbe_etl.summary import keep_summary, summarise


def run(
    source: Annotated[
        str | None, typer.Option(help="Folder with a register, or of such folders (SPBE_SOURCE).")
    ] = None,
    data_dir: DataDir = None,
    night: Annotated[str | None, typer.Option(help="The night's date, YYYY-MM-DD. Default: today.")] = None,
    accept: Annotated[
        list[str] | None, typer.Option(help="OPD whose lost answers, or institution whose lost coverage, is accepted.")
    ] = None,
    bare: Annotated[bool, typer.Option("--bare", help="The same night without Prefect.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read every workbook, judge, score and publish one night.

    Example: spbe-etl run --source var/sample
    """
    settings = settings_with(source=source, data_dir=data_dir)
    read_day(night, "--night")
    with _progress(hidden=as_json):
        summary = (_run_bare if bare else _run_flow)(settings, night, accept or [])
    if as_json:
        show_json(summary)
    else:
        _show(summary, settings)
    raise typer.Exit(summary["exit_code"])


def _run_bare(settings: Settings, night: str | None, accept: list[str]) -> dict[str, Any]:
    with open_night(settings, new_request(read_day(night, "--night"), accept)) as opened:
        summary = summarise(run_night(opened))
    keep_summary(settings, summary)
    return summary


def _run_flow(settings: Settings, night: str | None, accept: list[str]) -> dict[str, Any]:
    from flows.nightly import nightly

    state = nightly(
        source=settings.source or None,
        data_dir=str(settings.data_dir),
        night=read_day(night, "--night"),
        accept=accept,
        return_state=True,
    )
    summary: Any = state.result(raise_on_failure=False)
    if isinstance(summary, BaseException):
        raise summary
    if "error" in summary:
        error = SpbeError(summary["error"])
        error.exit_code = summary["exit_code"]
        raise error
    return dict(summary)


@contextmanager
def _progress(hidden: bool) -> Iterator[None]:
    """A bar on standard error that follows the steps."""
    columns = (SpinnerColumn(), TextColumn("{task.description:<34}"), BarColumn(20), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=hidden or not errors.is_terminal) as bar:
        task = bar.add_task("start", total=None)
        token = listener.set(lambda name: bar.update(task, description=name))
        try:
            yield
        finally:
            listener.reset(token)


def _show(summary: dict[str, Any], settings: Settings) -> None:
    for note in summary["notes"]:
        errors.print(f"[dim]{safe(note)}[/]")
    if summary["workbooks"]["failed"]:
        rows = [
            (one["institution_code"], one["opd_code"] or "register", one["reason"])
            for one in summary["workbooks"]["failed"]
        ]
        table(
            "Berkas yang tidak terbaca; bila pernah terbaca, isian terakhirnya tetap dipakai",
            ("Instansi", "OPD", "Sebab"),
            rows,
        )
    for one in summary["refused"]:
        console.print(f"[red]Tidak diterbitkan:[/] {safe(one['institution_code'])}: {safe(one['reason'])}")
    if summary["exit_code"] == NOTHING_PUBLISHED:
        console.print("[red]Tidak ada yang diterbitkan malam ini; terbitan sebelumnya tetap berlaku.[/]")
        return
    show_indices(settings)
    rows = summary["rows"]
    console.print(
        f"Malam {summary['night']}: {rows['read']} baris dibaca, {rows['accepted']} diterima, "
        f"{rows['rejected']} ditolak, {rows['blank']} kosong."
    )
    console.print("Yang perlu diperbaiki: spbe-etl rejections. Siapa menahan apa: spbe-etl blockers.")
    console.print(f"Terbitan : {safe(settings.published_path)}", soft_wrap=True)
    console.print(f"Parquet  : {safe(settings.published_dir / 'parquet')}", soft_wrap=True)
