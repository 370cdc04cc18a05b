"""`spbe-etl import`: figures that others published, taken in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from spbe_etl.cli.options import AsJson, DataDir, settings_with
from spbe_etl.cli.output import console, errors, safe, show_json
from spbe_etl.composition import open_warehouse
from spbe_etl.importing import read_export, take_in
from spbe_etl.instruments import load_instruments


def import_(
    file: Annotated[Path, typer.Argument(help="JSON export of the evaluation portal.", show_default=False)],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Take in the evaluation portal's published figures, of one institution or of all.

    They show at the next night: mart.published_check, reconciliation, comparison. Importing a file again changes
    nothing; of two files with the same institution and year the latest counts.

    Example: spbe-etl import hasil-2023.json
    """
    settings = settings_with(data_dir=data_dir)
    export = read_export(file, load_instruments())
    with open_warehouse(settings) as warehouse:
        changed = take_in(warehouse, export, datetime.now(UTC))
    institutions = len({row["portal_code"] for row in export.rows})
    years = sorted({row["year"] for row in export.rows})
    if export.unknown:
        errors.print(
            f"Keys of nilai that stand for no part, left out: {safe(', '.join(export.unknown))}", soft_wrap=True
        )
    if as_json:
        counts = {"institutions": institutions, "years": years, "figures": len(export.rows), "changed": changed}
        show_json({"file": str(file), **counts, "unknown": list(export.unknown)})
        return
    span = ", ".join(map(str, years))
    console.print(f"{len(export.rows)} angka terbit dari {institutions} instansi, tahun {span}.", soft_wrap=True)
    console.print(
        f"{changed} di antaranya baru atau berubah; tampil mulai malam berikutnya (spbe-etl run)."
        if changed
        else "Semuanya sudah ada; tidak ada yang berubah."
    )
