"""Where SQL, seeds and suites are: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_BUNDLED = Path(__file__).parent / "bundled"
_ROOT = _BUNDLED if _BUNDLED.is_dir() else Path(__file__).parents[1]

WAREHOUSE = _ROOT / "warehouse"
SEEDS = WAREHOUSE / "seeds"
EXPECTATIONS = _ROOT / "expectations"


def read_csv(path: Path) -> list[dict[str, str]]:
    """Rows of a seed file, all text, one dictionary per line; raises ValueError for a ragged file."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    if any(None in row or None in row.values() for row in rows):
        raise ValueError(f"{path.name}: a line has more or fewer columns than the header")
    return rows


@cache
def seed(name: str) -> tuple[dict[str, str], ...]:
    """Rows of `warehouse/seeds/<name>.csv`."""
    return tuple(read_csv(SEEDS / f"{name}.csv"))


def contract_version() -> str:
    """The version of the contract that templates and tables are made for now, from `seeds/contract.csv`."""
    (version,) = (row["value"] for row in seed("contract") if row["name"] == "contract_version")
    return version


def fingerprint(paths: Iterable[Path], *words: str) -> str:
    """What tells one state of some files, and words, from another."""
    digest = hashlib.sha256(" ".join(words).encode())
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
