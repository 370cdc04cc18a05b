"""`spbe-etl run`: one night, as a Prefect flow or bare."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, cast

import typer

from spbe_etl.aftermath import finish
from spbe_etl.cli.ask import show_indices
from spbe_etl.cli.options import AsJson, DataDir, outside, read_day, settings_with
from spbe_etl.cli.output import console, errors, progress, safe, show_failures, show_feedback, show_json
from spbe_etl.composition import new_request, open_night
from spbe_etl.errors import NOTHING_PUBLISHED, SpbeError
from spbe_etl.night import run_night
from spbe_etl.settings import Settings
from spbe_etl.summary import Summary, summarise


def run(
    source: Annotated[
        str | None,
        typer.Option(help="Folder with a register, or of such folders; or: google (SPBE_SOURCE)."),
    ] = None,
    data_dir: DataDir = None,
    night: Annotated[str | None, typer.Option(help="The night's date, YYYY-MM-DD. Default: today.")] = None,
    accept: Annotated[
        list[str] | None, typer.Option(help="OPD whose lost answers, or institution whose lost coverage, is accepted.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Read every spreadsheet, changed or not.")] = False,
    feedback: Annotated[
        bool, typer.Option("--feedback", help="Answer in each OPD's spreadsheet (SPBE_GOOGLE_WRITER_CREDENTIALS).")
    ] = False,
    bare: Annotated[bool, typer.Option("--bare", help="The same night without Prefect.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read every workbook, judge, score and publish one night.

    Example: spbe-etl run --source var/sample
    """
    settings = settings_with(source=source, data_dir=data_dir)
    asked = Asked(read_day(night, "--night"), tuple(accept or ()), full, feedback)
    with progress(hidden=as_json):
        summary = (_run_bare if bare else _run_flow)(settings, asked)
    if as_json:
        show_json(summary)
    else:
        _show(summary, settings)
    raise typer.Exit(summary["exit_code"])


@dataclass(frozen=True)
class Asked:
    """What the options ask for."""

    night: date | None
    accept: tuple[str, ...]
    full: bool
    feedback: bool


def _run_bare(settings: Settings, asked: Asked) -> Summary:
    request = new_request(asked.night, asked.accept, is_full=asked.full)
    with open_night(settings, request, outside(), feedback=asked.feedback) as opened:
        summary = summarise(run_night(opened))
    finish(settings, summary, outside())
    return summary


def _run_flow(settings: Settings, asked: Asked) -> Summary:
    from flows.nightly import nightly

    state = nightly(
        source=settings.source or None,
        data_dir=str(settings.data_dir),
        night=asked.night,
        accept=list(asked.accept),
        full=asked.full,
        feedback=asked.feedback,
        return_state=True,
    )
    summary: Any = state.result(raise_on_failure=False)
    if isinstance(summary, BaseException):
        raise summary
    if "run_id" not in summary:  # it ended before it had an outcome
        error = SpbeError(summary["error"])
        error.exit_code = summary["exit_code"]
        raise error
    return cast("Summary", summary)


def _show(summary: Summary, settings: Settings) -> None:
    for note in summary["notes"]:
        errors.print(f"[dim]{safe(note)}[/]")
    show_failures(
        "Berkas yang tidak terbaca; bila pernah terbaca, isian terakhirnya tetap dipakai",
        summary["workbooks"]["failed"],
    )
    if summary["feedback"]:
        show_feedback(summary["feedback"])
    for one in summary["refused"]:
        console.print(f"[red]Tidak diterbitkan:[/] {safe(one['institution_code'])}: {safe(one['reason'])}")
    if summary["error"]:
        console.print(f"[red]Tidak diterbitkan:[/] {safe(summary['error'])}", soft_wrap=True)
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
    if (report := settings.published_dir / "report" / "index.html").exists():
        console.print(f"Laporan  : {safe(report)}", soft_wrap=True)
