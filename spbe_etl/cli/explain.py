"""`spbe-etl explain`: from the index down to the cell that it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import typer

from spbe_etl.cells import Cell, read_indicator
from spbe_etl.cli.ask import ask
from spbe_etl.cli.options import AsJson, AsOf, DataDir, Institution, Stage, check_stage, read_day, settings_with
from spbe_etl.cli.output import STAGE_NAMES, console, safe, show_json
from spbe_etl.display import figure, number
from spbe_etl.errors import ConfigurationError


def explain(
    year: Annotated[int, typer.Argument(min=1, max=9999, help="Evaluation year, such as 2025.")],
    indicator: Annotated[str, typer.Argument(help="Indicator number, such as 16 or 35-2.")],
    stage: Stage = None,
    as_of: AsOf = None,
    institution: Institution = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show how an indicator gets into the index: score, weight, OPD, workbook, cell, when read, under which rules.

    Example: spbe-etl explain 2025 16
    """
    check_stage(stage)
    rows = ask(
        settings_with(data_dir=data_dir),
        "explain",
        year=year,
        indicator=read_indicator(Cell("text", indicator)).value,
        institution=institution,
        stage=stage,
        as_of=read_day(as_of, "--as-of") or date.max,
        stages=list(STAGE_NAMES),
    )
    if not rows:
        raise ConfigurationError(
            f"Nothing is published of indicator {indicator} in {year} for this choice. "
            f"See which years and stages there are: spbe-etl index"
        )
    if as_json:
        show_json(rows)
        return
    for row in rows:
        _show(row)


def _show(row: Mapping[str, Any]) -> None:
    name = safe(row["institution_name"] or row["institution_code"])
    console.print(
        f"\n[bold]{name} ({safe(row['institution_code'])}), {row['year']}, {STAGE_NAMES[row['stage']]}[/], "
        f"malam {row['snapshot_on']}"
    )
    lines = (
        ("Indeks", f"{number(row['index_value'])}  (tepatnya {figure(row['index_exact'])})"),
        ("Aspek", f"{row['aspect_no']} {row['aspect_name']}: {number(row['aspect_value'])}"),
        ("Indikator", f"{row['indicator_no']} {row['indicator_name']}"),
        ("Nilai", _score(row)),
        ("Poin", f"{figure(row['score'])} x {figure(row['weight_pct'])} % = {figure(row['points'])}"),
        ("Pengampu", row["opd_code"] or "belum ada"),
        ("Sel", _place(row)),
        ("Dibaca", f"{row['fetched_at']:%Y-%m-%d %H:%M:%S} UTC" if row["fetched_at"] else "-"),
        ("Isi lembar", row["content_hash"] or "-"),
        ("Aturan", f"{row['rule_version']} (spbe-etl {row['code_version']}, jalannya {row['run_id']})"),
    )
    for title, text in lines:
        console.print(f"  {title:<11}{safe(text)}", soft_wrap=True)
    for one in row["findings"]:
        where = f"{one['opd_code'] or '-'}, {one['workbook']}, lembar {one['worksheet']}"
        console.print(f"  {'Catatan':<11}{safe(where)}: {safe(one['message'])}", soft_wrap=True)


def _score(row: Mapping[str, Any]) -> str:
    if not row["is_answered"]:
        return f"{figure(row['score'])}, belum terjawab: dihitung nilai terendah"
    if row["claimed_score"] is not None and row["claimed_score"] > row["score"]:
        return (
            f"{figure(row['score'])}, tertahan dari {figure(row['claimed_score'])} karena belum semua OPD "
            f"mencapainya; lihat: spbe-etl blockers"
        )
    return figure(row["score"])


def _place(row: Mapping[str, Any]) -> str:
    if row["cell"] is None:
        return "tidak ada"
    return f"{row['workbook']}, lembar {row['worksheet']}, sel {row['cell']}"
