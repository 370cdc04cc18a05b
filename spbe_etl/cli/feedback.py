"""`spbe-etl feedback`: what the latest night has to say to each OPD, shown or written again."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated

import typer

from spbe_etl.cli.options import AsJson, DataDir, Institution, outside, settings_with
from spbe_etl.cli.output import console, safe, show_feedback, show_json, table
from spbe_etl.composition import GOOGLE, latest_replies, open_writer
from spbe_etl.errors import DONE, PUBLISHED_WITH_UNREAD, ConfigurationError
from spbe_etl.feedback import Reply, send
from spbe_etl.marks import words


def feedback(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written; asks nobody.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Look at every spreadsheet again, also where nothing is new.")
    ] = False,
    opd: Annotated[str | None, typer.Option(help="Only this OPD, by its code. Default: all.")] = None,
    institution: Institution = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Answer in each OPD's Google spreadsheet: a status beside each row, and the worksheet Hasil Pemeriksaan.

    Example: spbe-etl feedback --dry-run --opd DISDIK
    """
    settings = settings_with(source=GOOGLE, data_dir=data_dir)
    writer = None if dry_run else open_writer(settings, outside())
    replies = [one for one in latest_replies(settings) if _is_chosen(one, institution, opd)]
    if not replies:
        raise ConfigurationError("Nothing to answer for this choice. Run a night first: spbe-etl run --source google")
    if writer is None:
        _show_due([one for one in replies if everything or one.is_due], as_json)
        return
    told = asdict(send([replace(one, summary_hash="unknown") if everything else one for one in replies], writer))
    if as_json:
        show_json(told)
    else:
        show_feedback(told)
    raise typer.Exit(PUBLISHED_WITH_UNREAD if told["failed"] else DONE)


def _is_chosen(reply: Reply, institution: str | None, opd: str | None) -> bool:
    return (institution is None or reply.institution_code == institution) and (
        opd is None or reply.opd_code.upper() == opd.upper()
    )


def _show_due(replies: list[Reply], as_json: bool) -> None:
    if as_json:
        show_json([
            {
                "institution_code": one.institution_code,
                "opd_code": one.opd_code,
                "workbook": one.workbook,
                "statuses": [{"row_no": row_no, "text": text} for row_no, text in sorted(one.marks.statuses.items())],
                "summary": one.marks.summary,
            }
            for one in replies
        ])  # fmt: skip
        return
    console.print(f"{len(replies)} spreadsheet OPD akan ditulis; uji coba ini tidak menulis apa pun.")
    for one in replies:
        console.print(
            f"\n[bold]{safe(one.institution_code)} {safe(one.opd_code)}[/] {safe(one.workbook)}", soft_wrap=True
        )
        console.print("[bold]Lembar Penilaian[/]")
        table("", ("Baris", words()["status_header"]), sorted(one.marks.statuses.items()), right=(0,))
        console.print("[bold]Lembar Hasil Pemeriksaan[/]")
        for line in one.marks.summary:
            console.print("  " + safe(" | ".join(line)), soft_wrap=True)
