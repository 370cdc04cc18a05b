"""`spbe-etl backfill`: nights derived again from what was read, compared, filled, restated."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer

from spbe_etl.backfilling import FIRST_DAY, LAST_DAY, NightAgain
from spbe_etl.cli.options import AsJson, DataDir, read_day, settings_with
from spbe_etl.cli.output import console, progress, safe, show_json, table
from spbe_etl.composition import new_request, run_backfill
from spbe_etl.errors import DONE, NOTHING_PUBLISHED, PUBLISHED_WITH_UNREAD, ConfigurationError

MOST_REASON = 500
STATES = {
    "equal": "sama",
    "differs": "berbeda",
    "filled": "diisi",
    "restated": "dinyatakan ulang",
    "unreadable": "tidak terbaca",
}


def backfill(
    first: Annotated[str | None, typer.Option("--from", help="First night, YYYY-MM-DD. Default: all.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last night, YYYY-MM-DD. Default: the latest.")] = None,
    restate: Annotated[
        str | None,
        typer.Option(help="Publish what comes out otherwise, for this reason; the figure before is kept."),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Derive nights again from what was read then: compare with what was published, and fill nights that nobody ran.

    Example: spbe-etl backfill --from 2026-03-01 --to 2026-03-31
    """
    if restate is not None and not restate.strip():
        raise ConfigurationError('--restate needs a reason, such as: --restate "bobot indikator 12 dikoreksi".')
    if restate is not None and (len(restate) > MOST_REASON or not restate.isprintable()):
        raise ConfigurationError(
            f"--restate: give the reason in one line of plain text, {MOST_REASON} characters at most."
        )
    start, end = read_day(first, "--from") or FIRST_DAY, read_day(last, "--to") or LAST_DAY
    if start > end:
        raise ConfigurationError(f"--from {start} is after --to {end}. Swap them.")
    settings = settings_with(data_dir=data_dir)
    with progress(hidden=as_json):
        done = run_backfill(
            settings,
            new_request(),
            start,
            end,
            (restate or "").strip(),
        )
    if as_json:
        show_json([asdict(one) for one in done])
    else:
        _show(done)
    states = {one.state for one in done}
    raise typer.Exit(
        NOTHING_PUBLISHED if "differs" in states else PUBLISHED_WITH_UNREAD if "unreadable" in states else DONE
    )


def _show(done: list[NightAgain]) -> None:
    told = [one for one in done if one.state != "equal"]
    if told:
        table(
            "Malam yang diisi, berbeda, atau tidak terbaca",
            ("Malam", "Instansi", "Hasil", "Baris yang berbeda"),
            [
                (
                    one.snapshot_on.isoformat(),
                    safe(one.institution_code),
                    STATES[one.state],
                    safe(one.reason) or ", ".join(f"{name} {count}" for name, count in one.rows.items()) or "-",
                )
                for one in told
            ],
        )
    counts = Counter(one.state for one in done)
    console.print(
        f"{len({one.snapshot_on for one in done})} malam diturunkan ulang; per instansi: "
        + ", ".join(f"{counts[state]} {STATES[state]}" for state in STATES)
        + "."
    )
    if counts["differs"]:
        console.print('Yang berbeda tidak diubah. Terbitkan angka baru dengan: spbe-etl backfill --restate "alasan"')
