"""What others read: one DuckDB file, Parquet tables and a manifest, written privately and put in place in one step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from spbe_etl import __version__
from spbe_etl.errors import ConfigurationError, PublicationError
from spbe_etl.manifest import DATABASE, PARQUET, Manifest, Table, sha256_of, write_manifest
from spbe_etl.resources import contract_version
from spbe_etl.versions import (
    UNFINISHED,
    clear_leftovers,
    current_version,
    next_version,
    prepare,
    prune,
    put_in_place,
    version_folder,
)
from spbe_etl.warehouse import Warehouse, fetch_rows, first_line, mart_columns, mart_tables

STORAGE_VERSION = "v1.2.0"
"""Readable by DuckDB 1.2 and newer, whichever version writes."""


@dataclass(frozen=True)
class Edition:
    """Which run publishes, which night, and when (UTC)."""

    run_id: str
    night: date
    published_at: datetime


@dataclass(frozen=True)
class Published:
    """Where the published file and the Parquet tables are, and which version they are now."""

    database: Path
    parquet: Path
    version: int


def publish(warehouse: Warehouse, folder: Path, edition: Edition, keep: int) -> Published:
    """Write the marts as a new version and switch to it; open readers keep the version they have, `keep` are kept.

    Raises PublicationError when that can't be done; what was published before stays.
    """
    try:
        prepare(folder)
        before = current_version(folder)
        version = next_version(folder)
        private = folder / f"{UNFINISHED}{edition.run_id}"
        private.mkdir(mode=0o700)
        tables = _write_tables(warehouse, private)
        write_manifest(private, _manifest(folder, private, edition, version, tables))
        put_in_place(folder, private, version)
    except (OSError, duckdb.Error) as error:
        raise PublicationError(f"{folder} can't be published into: {first_line(error)}") from error
    finally:
        clear_leftovers(folder)
    prune(folder, keep, version, before)
    return Published(folder / DATABASE, folder / PARQUET, version)


def _manifest(folder: Path, private: Path, edition: Edition, version: int, tables: Mapping[str, Table]) -> Manifest:
    return Manifest(
        version=version,
        folder=version_folder(folder, version).relative_to(folder).as_posix(),
        run_id=edition.run_id,
        night=edition.night.isoformat(),
        published_at=edition.published_at.isoformat(timespec="seconds"),
        replaces=current_version(folder),
        tables=tables,
        database_sha256=sha256_of(private / DATABASE),
        storage_version=STORAGE_VERSION,
        contract_version=contract_version(),
        code_version=__version__,
        duckdb_version=duckdb.__version__,
    )


class Publication:
    """The published file, open for reading."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def rows(self, statement: str, parameters: Mapping[str, object] | None = None) -> list[dict[str, Any]]:
        """A query's rows as dictionaries."""
        try:
            return fetch_rows(self._connection.execute(statement, dict(parameters) if parameters else None))
        except duckdb.Error as error:
            raise ConfigurationError(
                f"What's published can't be read: {first_line(error)}. The next run writes it anew: spbe-etl run"
            ) from error


@contextmanager
def open_publication(path: Path) -> Iterator[Publication]:
    """The published file; raises ConfigurationError when there's none yet or it can't be read."""
    if not path.exists():
        raise ConfigurationError(f"Nothing is published in {path.parent} yet. Run first: spbe-etl run --source DIR")
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        raise ConfigurationError(
            f"{path} can't be read: {first_line(error)}. The next run writes it anew: spbe-etl run"
        ) from error
    try:
        yield Publication(connection)
    finally:
        connection.close()


def _write_tables(warehouse: Warehouse, private: Path) -> dict[str, Table]:
    """The database, and from it the Parquet tables: both hold the same rows in the same order."""
    (private / PARQUET).mkdir()
    (working,) = warehouse.rows("SELECT current_database() AS name")
    warehouse.execute(f"ATTACH {_quoted(private / DATABASE)} AS publication (STORAGE_VERSION '{STORAGE_VERSION}')")
    try:
        _fill_database(warehouse, working["name"])
        return {table: _write_parquet(warehouse, table, private / PARQUET) for table in sorted(mart_tables())}
    finally:
        warehouse.execute(f'USE "{working["name"]}"')
        warehouse.execute("DETACH publication")


def _fill_database(warehouse: Warehouse, working: str) -> None:
    warehouse.execute("CREATE SCHEMA publication.mart")
    for table, about in mart_tables().items():
        columns = mart_columns(table)
        names = ", ".join(row["column_name"] for row in columns)
        target = f"publication.mart.{table}"
        warehouse.execute(f'CREATE TABLE {target} AS SELECT {names} FROM "{working}".mart.{table} ORDER BY ALL')
        warehouse.execute(f"COMMENT ON TABLE {target} IS {_quoted(about['comment'])}")
        for row in columns:
            warehouse.execute(f"COMMENT ON COLUMN {target}.{row['column_name']} IS {_quoted(row['comment'])}")
    warehouse.execute("USE publication")
    warehouse.run("ask/index_as_of")
    warehouse.execute(f'USE "{working}"')
    warehouse.execute("CHECKPOINT publication")


def _write_parquet(warehouse: Warehouse, table: str, folder: Path) -> Table:
    path = folder / f"{table}.parquet"
    warehouse.execute(f"COPY publication.mart.{table} TO {_quoted(path)} (FORMAT parquet)")
    (counted,) = warehouse.rows(f"SELECT count(*) AS n FROM publication.mart.{table}")
    return Table(counted["n"], sha256_of(path))


def _quoted(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
