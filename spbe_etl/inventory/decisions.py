"""What people decided on pairs of applications: `<data directory>/reference/overlap_decision.csv`, read and written."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from spbe_etl.errors import ConfigurationError
from spbe_etl.folders import hold, not_ours, sync
from spbe_etl.inventory.overlaps import COLUMNS, read_decisions
from spbe_etl.warehouse import Warehouse

DECISION_FILE = "overlap_decision.csv"
PATIENCE_SECONDS = 30
Line = Mapping[str, str]


def load_decisions(warehouse: Warehouse, folder: Path) -> None:
    """Take in the decisions that are there; raises ConfigurationError for a broken file."""
    warehouse.execute("DELETE FROM ref.overlap_decision")
    warehouse.fill_reference("overlap_decision", read_decisions(folder / DECISION_FILE).to_pylist())


def pair_of(row: Mapping[str, str | None]) -> frozenset[tuple[str, str]]:
    """The two applications that a decision is on, whichever of them comes first."""
    return frozenset((str(row[f"opd_{side}"]).strip().upper(), str(row[f"id_{side}"]).strip().upper()) for side in "ab")


def keep_decision(path: Path, made: Line) -> str | None:
    """Add a decision to the file, which is made when absent; gives the earlier one on the same pair, which it replaces.

    `made` has the file's columns. Other lines and columns stay. Readers see the file as it was or as it is. Raises
    ConfigurationError for a file that's broken or can't be written, and changes nothing then.
    """
    try:
        with hold(path.parent / f".{path.stem}.lock", PATIENCE_SECONDS):
            earlier = [row for row in read_decisions(path).to_pylist() if _is_on(row, made)]
            header, lines = _lines(path)
            columns = [*header, *(name for name in COLUMNS if name not in header)]
            kept = [line for line in lines if any(line.values()) and not _is_on(line, made)]
            _write(path, columns, [*kept, made])
    except TimeoutError as error:
        raise ConfigurationError(f"Somebody else is writing {path}. Try again.") from error
    except OSError as error:
        raise ConfigurationError(not_ours(path, error)) from error
    return str(earlier[0]["decision"]) if earlier else None


def _is_on(row: Mapping[str, str | None], made: Line) -> bool:
    """Whether a line decides on the same pair; one without an institution is of the only one there is."""
    institution = (row.get("institution_code") or "").strip().upper()
    return pair_of(row) == pair_of(made) and institution in ("", made["institution_code"].upper())


def _lines(path: Path) -> tuple[Sequence[str], list[dict[str, str]]]:
    if not path.exists():
        return COLUMNS, []
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        return list(reader.fieldnames or ()), list(reader)


def _write(path: Path, columns: Sequence[str], lines: Sequence[Line]) -> None:
    private = path.with_suffix(".new")
    with private.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
    if path.exists():
        private.chmod(path.stat().st_mode & 0o777)
    sync(private)
    os.replace(private, path)
    sync(path.parent)
