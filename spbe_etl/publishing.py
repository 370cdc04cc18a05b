"""What others read: one DuckDB file and Parquet beside it, written privately and put in place in one step."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from spbe_etl.building import published_rows
from spbe_etl.errors import ConfigurationError, PublicationError
from spbe_etl.warehouse import Warehouse, fetch_rows, first_line, mart_columns, mart_tables, tables_from

STORAGE_VERSION = "v1.2.0"
"""Readable by DuckDB 1.2 and newer, whichever version writes."""
READABLE = 0o644


@dataclass(frozen=True)
class Published:
    """Where the published file and the Parquet tables are."""

    database: Path
    parquet: Path


def publish(warehouse: Warehouse, folder: Path, run_id: str) -> Published:
    """Write the marts to private files, then put them in place; open readers keep the file they have.

    Raises PublicationError when that can't be done; what was published before stays.
    """
    try:
        return _publish(warehouse, folder, folder / f".new-{run_id}")
    except (OSError, duckdb.Error) as error:
        raise PublicationError(f"{folder} can't be published into: {first_line(error)}") from error


def _publish(warehouse: Warehouse, folder: Path, private: Path) -> Published:
    published = Published(folder / "spbe.duckdb", folder / "parquet")
    published.parquet.mkdir(parents=True, exist_ok=True)
    for path in (folder, published.parquet):
        path.chmod(0o755)
    for leftover in folder.glob(".new-*"):
        shutil.rmtree(leftover)
    private.mkdir(mode=0o700)
    _write_tables(warehouse, private, published.database)
    _put(private / "spbe.duckdb", published.database)
    for table in mart_tables():
        _put(private / f"{table}.parquet", published.parquet / f"{table}.parquet")
    for old in published.parquet.glob("*.parquet"):
        if old.stem not in mart_tables():
            old.unlink()
    private.rmdir()
    return published


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


def _write_tables(warehouse: Warehouse, private: Path, before: Path) -> None:
    """The published file and its tables as Parquet. `before`: what was published last, if anything."""
    (working,) = warehouse.rows("SELECT current_database() AS name")
    path = private / "spbe.duckdb"
    warehouse.execute(f"ATTACH {_quoted(path)} AS publication (STORAGE_VERSION '{STORAGE_VERSION}')")
    try:
        warehouse.begin()
        warehouse.execute("CREATE SCHEMA publication.mart")
        for table in mart_tables():
            _write_table(warehouse, table)
        warehouse.commit()
        _keep_others(warehouse, before)
        for table in mart_tables():
            target = _quoted(private / f"{table}.parquet")
            warehouse.execute(f"COPY publication.mart.{table} TO {target} (FORMAT parquet)")
        warehouse.execute("USE publication")
        warehouse.run("ask/index_as_of")
        warehouse.execute(f'USE "{working["name"]}"')
        warehouse.execute("CHECKPOINT publication")
    finally:
        warehouse.execute(f'USE "{working["name"]}"')
        warehouse.execute("DETACH publication")


def _write_table(warehouse: Warehouse, table: str) -> None:
    columns = mart_columns(table)
    target = f"publication.mart.{table}"
    typed = ", ".join(f"{row['column_name']} {row['column_type']}" for row in columns)
    warehouse.execute(f"CREATE TABLE {target} ({typed})")
    if query := published_rows(table):
        names = ", ".join(row["column_name"] for row in columns)
        warehouse.execute(f"INSERT INTO {target} SELECT {names} FROM ({query}) ORDER BY ALL")
    warehouse.execute(f"COMMENT ON TABLE {target} IS {_quoted(mart_tables()[table]['comment'])}")
    for row in columns:
        warehouse.execute(f"COMMENT ON COLUMN {target}.{row['column_name']} IS {_quoted(row['comment'])}")


def _keep_others(warehouse: Warehouse, before: Path) -> None:
    """The latest rows of institutions that weren't built tonight, as they were published before."""
    others = warehouse.rows(
        "SELECT DISTINCT institution_code FROM history.night ANTI JOIN tonight USING (institution_code)"
    )
    if not others or not before.exists():
        return
    warehouse.execute(f"ATTACH {_quoted(before)} AS before (READ_ONLY)")
    try:
        for table in tables_from("latest"):
            names = warehouse.rows(
                "SELECT column_name FROM duckdb_columns() WHERE database_name = 'before' AND table_name = $1", [table]
            )
            known = {row["column_name"] for row in mart_columns(table)} & {row["column_name"] for row in names}
            if "institution_code" in known:
                columns = ", ".join(sorted(known))
                warehouse.execute(
                    f"INSERT INTO publication.mart.{table} BY NAME SELECT {columns} FROM before.mart.{table} "
                    f"ANTI JOIN tonight USING (institution_code)"
                )
    finally:
        warehouse.execute("DETACH before")


def _put(path: Path, target: Path) -> None:
    """Move a finished file into place so that a crash leaves the old one or the new one, whole."""
    path.chmod(READABLE)
    _sync(path)
    os.replace(path, target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _quoted(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
