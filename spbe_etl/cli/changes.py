"""`spbe-etl changes`: why the index moved."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import typer

from spbe_etl.cli.ask import ask, stage_title
from spbe_etl.cli.options import AsJson, DataDir, Institution, Stage, Year, check_stage, settings_with
from spbe_etl.cli.output import STAGE_NAMES, console, safe, show_json, table
from spbe_etl.display import figure
from spbe_etl.resources import seed

MOST_INDICATORS = 6


def changes(
    days: Annotated[int, typer.Option(min=1, max=36500, help="How many nights back to look.")] = 7,
    year: Year = None,
    stage: Stage = None,
    institution: Institution = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show why the index moved, night by night: each cause with its points and indicators.

    Example: spbe-etl changes --days 30
    """
    check_stage(stage)
    settings = settings_with(data_dir=data_dir)
    rows = ask(
        settings, "changes", institution=institution, year=year, stage=stage, days=days, stages=list(STAGE_NAMES)
    )
    if as_json:
        show_json(rows)
        return
    if not rows:
        console.print(f"Tidak ada indikator yang bergerak dalam {days} malam terakhir.")
    names = {row["cause"]: row["cause_name"] for row in seed("cause")}
    for row in rows:
        moved = f"{figure(row['index_before'])} menjadi {figure(row['index_after'])} ({signed(row['points'])})"
        lines = [(names[one["cause"]], signed(one["points"]), _indicators(one["indicators"])) for one in row["causes"]]
        table(
            f"{stage_title(row)}, malam {row['snapshot_on']}: {moved}",
            ("Sebab", "Poin", "Indikator"),
            lines,
            right=(1,),
        )


def signed(points: Decimal) -> str:
    """Points with their sign."""
    return f"{'+' if points > 0 else ''}{figure(points)}"


def _indicators(moved: list[dict[str, Any]]) -> str:
    told = [
        f"{one['indicator_no']} ({figure(one['score_before'])} -> {figure(one['score_after'])}"
        f"{', ' + safe(one['opd_code']) if one['opd_code'] else ''})"
        for one in moved[:MOST_INDICATORS]
    ]
    more = len(moved) - len(told)
    return "; ".join(told) + (f"; dan {more} lagi" if more else "")
