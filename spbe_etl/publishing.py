"""What others read: one DuckDB file, Parquet tables and a manifest, written privately and put in place in one step."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import duckdb

from spbe_etl import __version__
from spbe_etl.analysis import ANALYSED, analyse
from spbe_etl.building import AUDITED
from spbe_etl.errors import ConfigurationError, PublicationError, SpbeError
from spbe_etl.folders import sha256_of
from spbe_etl.inventory.tables import as_of_macros
from spbe_etl.manifest import DATABASE, PARQUET, Manifest, Table, write_manifest
from spbe_etl.resources import WAREHOUSE, contract_version
from spbe_etl.versions import (
    UNFINISHED,
    clear_leftovers,
    current_version,
    next_version,
    prepare,
    prune,
    put_in_place,
    version_folder,
    versions,
)
from spbe_etl.warehouse import Warehouse, fetch_rows, first_line, mart_columns, mart_tables, sql, tables_from

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
    """Where the published file and the Parquet tables are, and which version they are now.

    `left_out`: institutions that weren't built tonight and whose own last night can't be published, and why (Bahasa).
    """

    database: Path
    parquet: Path
    version: int
    left_out: Mapping[str, str]


NOBODY = ""
"""Left out too are rows of no institution, such as averages: tonight's tables hold them already."""
UNLIKE = "angka malam terakhirnya kini keluar berbeda dari yang tersimpan. Periksa dengan: spbe-etl backfill"

STREAMED = 2_000
"""Rows of a long query that are held at once."""

DeriveAt = Callable[[Sequence[tuple[str, int]], date], Mapping[str, str]]
"""Derives a night again for institutions, each as known to a run (deriving.derive_at)."""


def publish(warehouse: Warehouse, folder: Path, edition: Edition, keep: int, derive_at: DeriveAt) -> Published:
    """Write the marts as a new version and switch to it; open readers keep the version they have, `keep` are kept.

    An institution that isn't built tonight is published as of its own last night. Raises PublicationError when it
    can't be done; what was published before stays.
    """
    try:
        prepare(folder)
        before = current_version(folder)
        version = next_version(folder)
        private = folder / f"{UNFINISHED}{edition.run_id}"
        private.mkdir(mode=0o700)
        tables, left_out = _write_tables(warehouse, private, folder / DATABASE, derive_at)
        write_manifest(private, _manifest(folder, private, edition, version, tables))
        put_in_place(folder, private, version)
    except (OSError, duckdb.Error, PublicationError) as error:
        raise PublicationError(f"{folder} can't be published into: {first_line(error.__cause__ or error)}") from error
    finally:
        clear_leftovers(folder)
    prune(folder, keep, version, before)
    return Published(folder / DATABASE, folder / PARQUET, version, left_out)


def published_rows(table: str) -> str:
    """The query whose rows are published in a table; empty for a table that nothing fills yet."""
    if table in tables_from("night"):
        return f"FROM history.{table}"
    if table in (*AUDITED, *ANALYSED):
        return f"FROM figures.{table}"
    is_filled = (WAREHOUSE / "mart" / f"{table}.sql").exists()
    return sql(f"mart/{table}").rstrip().rstrip(";") if is_filled else ""


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
        with _readable():
            return fetch_rows(self._connection.execute(statement, dict(parameters) if parameters else None))

    def stream(self, statement: str, parameters: Mapping[str, object] | None = None) -> Iterator[tuple[Any, ...]]:
        """A query's rows one after the other, for what may be too long to hold; other queries may run between."""
        with _readable():
            cursor = self._connection.cursor().execute(statement, dict(parameters) if parameters else None)
            while rows := cursor.fetchmany(STREAMED):
                yield from rows


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise ConfigurationError(
            f"What's published can't be read: {first_line(error)}. The next run writes it anew: spbe-etl run"
        ) from error


@contextmanager
def open_publication(path: Path) -> Iterator[Publication]:
    """The published file; raises ConfigurationError when there's none yet or it can't be read."""
    if not path.exists() and (kept := versions(path.parent)):
        raise ConfigurationError(
            f"{path} leads nowhere, though {len(kept)} versions are kept. Choose one: spbe-etl rollback --to {kept[-1]}"
        )
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


def _write_tables(
    warehouse: Warehouse, private: Path, before: Path, derive_at: DeriveAt
) -> tuple[dict[str, Table], dict[str, str]]:
    """The database, and from it the Parquet tables: both hold the same rows. `before`: what was published last."""
    (private / PARQUET).mkdir()
    (working,) = warehouse.rows("SELECT current_database() AS name")
    warehouse.execute(
        f"ATTACH {_quoted(private / DATABASE)} AS publication (STORAGE_VERSION '{STORAGE_VERSION}', BLOCK_SIZE 262144)"
    )
    try:
        left_out = _fill_database(warehouse, working["name"], before, derive_at)
        files = {table: _write_parquet(warehouse, table, private / PARQUET) for table in sorted(mart_tables())}
    finally:
        warehouse.execute(f'USE "{working["name"]}"')
        warehouse.execute("DETACH publication")
    return files, left_out


def _fill_database(warehouse: Warehouse, working: str, before: Path, derive_at: DeriveAt) -> dict[str, str]:
    warehouse.begin()
    warehouse.execute("CREATE SCHEMA publication.mart")
    for table in mart_tables():
        _create_table(warehouse, table)
        _fill_table(warehouse, table)
    warehouse.commit()
    left_out = _fill_others(warehouse, before, derive_at)
    warehouse.execute("USE publication")
    for name in ("index_as_of", "provenance"):
        warehouse.run(f"ask/{name}")
    for _, macro in as_of_macros():
        warehouse.execute(macro)
    _comment_view(warehouse, "provenance", ("indicator_history", "index_snapshot", "aspect_snapshot", "run"))
    warehouse.execute(f'USE "{working}"')
    warehouse.execute("CHECKPOINT publication")
    return left_out


def _create_table(warehouse: Warehouse, table: str) -> None:
    columns = mart_columns(table)
    target = f"publication.mart.{table}"
    typed = ", ".join(f"{row['column_name']} {row['column_type']}" for row in columns)
    warehouse.execute(f"CREATE TABLE {target} ({typed})")
    warehouse.execute(f"COMMENT ON TABLE {target} IS {_quoted(mart_tables()[table]['comment'])}")
    for row in columns:
        warehouse.execute(f"COMMENT ON COLUMN {target}.{row['column_name']} IS {_quoted(row['comment'])}")


def _fill_table(warehouse: Warehouse, table: str, without: Sequence[str] = ()) -> None:
    if query := published_rows(table):
        names = ", ".join(row["column_name"] for row in mart_columns(table))
        limit = f"WHERE institution_code NOT IN ({', '.join(map(_quoted, without))})" if without else ""
        warehouse.execute(f"INSERT INTO publication.mart.{table} SELECT {names} FROM ({query}) {limit} ORDER BY ALL")


def _comment_view(warehouse: Warehouse, view: str, tables: Sequence[str]) -> None:
    """A view's columns say what the same columns of its tables say."""
    comments = {row["column_name"]: row["comment"] for table in reversed(tables) for row in mart_columns(table)}
    about = "One row per institution, year, stage, night and indicator: a night's index down to the cells it came from"
    warehouse.execute(f"COMMENT ON VIEW mart.{view} IS {_quoted(about)}")
    for row in warehouse.rows(f"DESCRIBE mart.{view}"):
        name = row["column_name"]
        warehouse.execute(f"COMMENT ON COLUMN mart.{view}.{name} IS {_quoted(comments[name])}")


def _fill_others(warehouse: Warehouse, before: Path, derive_at: DeriveAt) -> dict[str, str]:
    """The latest rows of institutions that weren't built tonight: as published before, else derived again.

    What was published before is of another night, or of figures that were restated since, where a publication
    failed, was rolled back or is damaged. Tonight stands in memory again afterwards. Gives who is left out, and why.
    """
    others = warehouse.rows(sql("history/other_night"))
    copied = _copy_published(warehouse, before, {row["institution_code"]: row["run_id"] for row in others})
    missing = [row for row in others if row["institution_code"] not in copied]
    if not missing:
        return {}
    tonight = [(row["institution_code"], row["run_no"]) for row in warehouse.rows("FROM tonight")]
    (settled,) = warehouse.rows("SELECT getvariable('snapshot_on') AS night")
    left_out: dict[str, str] = {}
    try:
        for (night, _), group in groupby(missing, key=itemgetter("snapshot_on", "run_no")):
            built = [(row["institution_code"], row["run_no"]) for row in group]
            left_out |= _derive_others(warehouse, built, night, derive_at)
    finally:
        derive_at(tonight, settled["night"])
        analyse(warehouse)
    return left_out


def _derive_others(
    warehouse: Warehouse, built: Sequence[tuple[str, int]], night: date, derive_at: DeriveAt
) -> dict[str, str]:
    """Institutions that aren't built tonight as of one night; gives those whose rows can't be published, and why."""
    try:
        left_out = dict(derive_at(built, night))
        left_out |= {row["institution_code"]: UNLIKE for row in warehouse.rows(sql("history/unlike_night"))}
        analyse(warehouse)
    except (SpbeError, duckdb.Error) as error:
        return dict.fromkeys((code for code, _ in built), first_line(error))
    for table in tables_from("latest"):
        _fill_table(warehouse, table, without=[NOBODY, *left_out])
    return left_out


def _copy_published(warehouse: Warehouse, before: Path, last_runs: Mapping[str, str]) -> set[str]:
    """Copy the rows of the institutions whose last run is the one that was published before; gives which."""
    if not last_runs or not before.exists():
        return set()
    try:
        warehouse.execute(f"ATTACH {_quoted(before)} AS before (READ_ONLY)")
        try:
            return _copy_rows(warehouse, last_runs)
        finally:
            warehouse.execute("DETACH before")
    except (duckdb.Error, PublicationError) as error:
        logging.getLogger(__name__).warning("What was published before can't be read: %s", first_line(error))
        return set()


def _copy_rows(warehouse: Warehouse, last_runs: Mapping[str, str]) -> set[str]:
    latest = tables_from("latest")
    asked = {(table, row["column_name"]) for table in latest for row in mart_columns(table)}
    columns = warehouse.rows("SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'before'")
    if not asked <= {(row["table_name"], row["column_name"]) for row in columns}:
        return set()
    found = warehouse.rows(
        "SELECT institution_code, run_id FROM before.mart.night "
        "SEMI JOIN before.mart.institution USING (institution_code, snapshot_on) "
        "QUALIFY snapshot_on = max(snapshot_on) OVER (PARTITION BY institution_code)"
    )
    same = {row["institution_code"] for row in found if last_runs.get(row["institution_code"]) == row["run_id"]}
    warehouse.begin()
    try:
        for table in latest:
            names = ", ".join(row["column_name"] for row in mart_columns(table))
            warehouse.execute(
                f"INSERT INTO publication.mart.{table} BY NAME SELECT {names} FROM before.mart.{table} "
                f"WHERE list_contains($1, institution_code)",
                [sorted(same)],
            )
    except (duckdb.Error, PublicationError):
        warehouse.rollback()
        raise
    warehouse.commit()
    return same


def _write_parquet(warehouse: Warehouse, table: str, folder: Path) -> Table:
    path = folder / f"{table}.parquet"
    (copied,) = warehouse.rows(f"COPY publication.mart.{table} TO {_quoted(path)} (FORMAT parquet)")
    return Table(copied["Count"], sha256_of(path))


def _quoted(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
