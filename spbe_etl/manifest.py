"""What a publication says of itself: `manifest.json` beside its database and Parquet tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from spbe_etl.errors import ConfigurationError
from spbe_etl.folders import sha256_of

DATABASE = "spbe.duckdb"
PARQUET = "parquet"
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Table:
    """A published table: its rows, and its Parquet file's hash."""

    rows: int
    parquet_sha256: str


@dataclass(frozen=True)
class Manifest:
    """One publication. The fields stand in the file in this order; `night` and `published_at` (UTC) are ISO text.

    `folder` is its lasting place, seen from `published/`; `replaces` the version that was published before it.
    """

    version: int
    folder: str
    run_id: str
    night: str
    published_at: str
    replaces: int | None
    tables: Mapping[str, Table]
    database_sha256: str
    storage_version: str
    contract_version: str
    code_version: str
    duckdb_version: str


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it into a publication's folder."""
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=2)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a publication's folder; raises ConfigurationError when it's absent or damaged."""
    path = folder / MANIFEST
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        tables = {name: Table(**about) for name, about in told.pop("tables").items()}
        return Manifest(**told, tables=tables)
    except OSError as error:
        raise ConfigurationError(f"{path} can't be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{path} is damaged: it isn't the manifest of a publication.") from error


def find_damage(folder: Path, manifest: Manifest) -> Iterator[str]:
    """What of a publication's files differs from its manifest, one line each."""
    expected = {DATABASE: manifest.database_sha256}
    expected |= {f"{PARQUET}/{name}.parquet": table.parquet_sha256 for name, table in manifest.tables.items()}
    for name, sha256 in expected.items():
        try:
            is_whole = sha256_of(folder / name) == sha256
        except OSError as error:
            yield f"{name} can't be read: {error.strerror}"
        else:
            if not is_whole:
                yield f"{name} isn't what was published"
