"""`spbe-etl inventory roadmap`: where the plans lead, what they leave out, and what moves nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from spbe_etl.cli.ask import ask
from spbe_etl.cli.options import AsJson, DataDir, Institution, settings_with
from spbe_etl.cli.output import STAGE_NAMES, console, safe, show_json, table
from spbe_etl.cli.sifting import Everything, Opd, sifted, tell_left, words
from spbe_etl.display import figure, number
from spbe_etl.resources import seed

MILLION = 6
"""Rupiah are shown in millions: so many digits."""
MOST_LINES = 15
Rows = Sequence[Mapping[str, Any]]


def roadmap(
    opd: Opd = None,
    everything: Everything = False,
    institution: Institution = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show the roadmap: planned index, the seven contents, steps to the target without a plan, what moves nothing.

    --opd narrows initiatives and steps; the index and the contents are the institution's.

    Example: spbe-etl inventory roadmap
    """
    contents = [row["content"] for row in seed("roadmap_content")]
    rows = ask(
        settings_with(data_dir=data_dir), "inventory_roadmap", institution=institution, opd=opd, contents=contents
    )
    if as_json:
        show_json(rows)
        return
    for row in rows:
        name = f"{row['institution_name'] or row['institution_code']} ({row['institution_code']})"
        console.print(f"[bold]{safe(name)}: peta rencana[/] (anggaran dalam juta rupiah)", soft_wrap=True)
        _show_index(row["roadmap_index"])
        _show_contents(row["roadmap_alignment"])
        _show_progress(row["roadmap_progress"], everything)
        _show_steps(row["roadmap_step"], everything)
        _show_initiatives(row["initiative_effect"], everything)
    if not rows:
        console.print("Belum ada peta rencana. Lembarnya Peta Rencana pada templat: spbe-etl template DIR")


def millions(rupiah: Decimal | None) -> str:
    """Rupiah in millions, without decimals that say nothing."""
    return "-" if rupiah is None else figure(rupiah.scaleb(-MILLION).quantize(Decimal("0.01")))


def _show_index(rows: Rows) -> None:
    lines = [
        (
            row["year"],
            row["instrument_code"],
            f"{number(row['base_index'])} ({row['base_year']})",
            number(row["index_value"]),
            row["predicate"],
            number(row["target_index"]),
            row["initiative_count"],
            millions(row["budget"]),
        )
        for row in rows
    ]
    columns = ("Tahun", "Instrumen", "Dari", "Rencana", "Predikat", "Target", "Inisiatif", "Rp juta")
    if lines:
        table("Indeks bila semua rencana dipenuhi", columns, lines, right=(3, 5, 6, 7))
    else:
        console.print("Belum ada inisiatif dengan indikator dan target yang dapat dihitung.")


def _show_contents(rows: Rows) -> None:
    lines = [
        (
            row["content_name"],
            row["initiative_count"] or "belum ada",
            row["opd_count"],
            millions(row["budget"]),
            row["consulted_count"],
            row["national_code_count"],
            number(row["known_code_count"], 0),
        )
        for row in rows
    ]
    columns = ("Muatan", "Inisiatif", "OPD", "Anggaran", "Dikonsultasikan", "Berkode", "Dikenal")
    table("Tujuh muatan", columns, lines, right=range(1, 7))


def _show_progress(rows: Rows, everything: bool) -> None:
    behind = [row for row in rows if row["gap"] is not None and row["gap"] > 0]
    shown, left = sifted(behind, everything, MOST_LINES)
    lines = [
        (
            row["year"],
            row["indicator_no"],
            number(row["planned_score"]),
            f"{number(row['reached_score'])} ({STAGE_NAMES[row['reached_stage']]})",
            row["initiatives"],
        )
        for row in shown
    ]
    if lines:
        table("Belum sampai rencana", ("Tahun", "Ind", "Rencana", "Sekarang", "Inisiatif"), lines, right=(2,))
        tell_left(left)


def _show_steps(rows: Rows, everything: bool) -> None:
    open_steps = [row for row in rows if not row["is_covered"]]
    if not rows:
        return
    if not open_steps:
        console.print(f"Semua {len(rows)} langkah jalur ke target sudah direncanakan.")
        return
    shown, left = sifted(open_steps, everything, MOST_LINES)
    lines = [
        (
            row["year"],
            row["indicator_no"],
            number(row["to_score"]),
            row["opd_code"] or "-",
            f"baru untuk tahun kemudian: {row['initiatives']}" if row["is_planned_later"] else "belum ada inisiatif",
        )
        for row in shown
    ]
    title = f"Langkah jalur ke target yang belum direncanakan: {len(open_steps)} dari {len(rows)}"
    table(title, ("Tahun", "Ind", "Ke", "Pengampu", "Rencana"), lines, right=(2,))
    tell_left(left)


def _show_initiatives(rows: Rows, everything: bool) -> None:
    reasons = words("reason")
    moving, idle = ([row for row in rows if row["moves_indicator"] is is_moving] for is_moving in (True, False))
    shown, left = sifted(moving, everything, MOST_LINES)
    lines = [
        (
            _initiative(row),
            row["indicators"],
            row["last_target_year"],
            number(row["points_gained"], 4),
            millions(row["budget"]),
            millions(row["budget_per_point"]),
        )
        for row in shown
    ]
    if lines:
        columns = ("Inisiatif", "Ind", "Sampai", "Poin", "Anggaran", "Tiap poin")
        table("Yang menggerakkan indeks, termurah tiap poin dulu", columns, lines, right=(2, 3, 4, 5))
        tell_left(left)
    shown, left = sifted(idle, everything, MOST_LINES)
    if shown:
        told = [
            (_initiative(row), row["indicators"] or "-", millions(row["budget"]), reasons[row["reason"]])
            for row in shown
        ]
        table("Yang tidak menggerakkan indeks", ("Inisiatif", "Ind", "Anggaran", "Sebab"), told, right=(2,))
        tell_left(left)


def _initiative(row: Mapping[str, Any]) -> str:
    return f"{row['listed_by_opd_code']}/{row['object_id']} {row['object_name']}"
