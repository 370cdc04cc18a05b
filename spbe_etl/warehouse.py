"""The DuckDB file that holds raw rows, history and marts, and the queries in `warehouse/` that fill it.

Every query stands in a file of its own; this module connects, migrates, loads seeds and runs them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from spbe_etl.errors import ConfigurationError, PublicationError, unwritable
from spbe_etl.instruments import Instrument
from spbe_etl.resources import WAREHOUSE, seed
from spbe_etl.workbooks import fields

if TYPE_CHECKING:
    import pandas as pd

WORKING = ("ref", "judged", "core", "figures")
"""Databases in memory: what a run needs while it runs. The file holds raw, what was read of it, and history."""
MEMORY_LIMIT = "800MB"
BLOCK_SIZE = "16384"
"""The smallest: a night of one district is a few rows in each of many tables."""
SLOW_COMPRESSION = "dict_fsst"
"""Makes texts hardly smaller, and writing them much slower."""
BROKEN_OPTIMIZER = "top_n_window_elimination"
"""Fails in DuckDB 1.5.5 (an internal error) where an anti join stands below a QUALIFY that keeps the first of each."""
FEW_INSTITUTIONS = 10
"""Up to these a night's queries are so small that a second thread costs more than it brings."""
OPEN_YEAR = 9999
HISTORIES: Mapping[str, tuple[str, ...]] = {
    "rejection": ("workbook", "row_no", "cell", "severity", "message"),
    "indicator_score": ("workbook", "fetched_at"),
    "opd_snapshot": (),
    "opd": (),
    "carrier": (),
    "target": (),
    "verdict": (),
    "object": ("workbook", "row_no", "cell", "is_derived", "body_hash"),
}
"""Histories and the columns that may change without ending a stretch of nights."""
FOLLOWING = ("attributes",)
"""Columns that follow from the others: they're written with a stretch, and never compared."""


@cache
def sql(name: str) -> str:
    """The query in `warehouse/<name>.sql`."""
    return (WAREHOUSE / f"{name}.sql").read_text(encoding="utf-8")


@cache
def mart_tables() -> Mapping[str, Mapping[str, str]]:
    """Published tables by name: where their rows come from, and their comment."""
    return {row["table_name"]: row for row in seed("mart_table")}


@cache
def mart_columns(table: str) -> tuple[Mapping[str, str], ...]:
    """A published table's columns in order: name, type, comment."""
    return tuple(row for row in seed("mart_column") if row["table_name"] == table)


class Warehouse:
    """A connection to the working file. One at a time: the caller holds the run's lock."""

    def __init__(self, path: Path, instruments: Mapping[str, Instrument]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        try:
            self._connection = duckdb.connect(
                str(path),
                config={
                    "autoinstall_known_extensions": "false",
                    "memory_limit": MEMORY_LIMIT,
                    "default_block_size": BLOCK_SIZE,
                },
            )
        except duckdb.Error as error:
            raise ConfigurationError(
                f"The warehouse {path} can't be opened: {first_line(error)}. "
                f"If another program has it open, close that; if it's damaged, restore it from a backup."
            ) from error
        path.chmod(0o600)
        self.execute(f"SET disabled_compression_methods = '{SLOW_COMPRESSION}'")
        self.execute("SET preserve_insertion_order = false")
        self.execute(f"SET disabled_optimizers = '{BROKEN_OPTIMIZER}'")
        self.size_for(0)
        self._attach(instruments)
        self._migrate()
        self._prepare()

    def size_for(self, institutions: int) -> None:
        """Use as many threads as that many institutions are worth."""
        self.execute("RESET threads" if institutions > FEW_INSTITUTIONS else "SET threads = 1")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def execute(self, statement: str, parameters: Sequence[object] = ()) -> duckdb.DuckDBPyConnection:
        """Run one or more statements; raises PublicationError when the disk doesn't take what they write."""
        try:
            return self._connection.execute(statement, list(parameters))
        except (duckdb.IOException, duckdb.TransactionException) as error:
            raise PublicationError(unwritable(self._path, first_line(error))) from error

    def run(self, name: str) -> None:
        """Run the query in `warehouse/<name>.sql`."""
        self.execute(sql(name))

    def rows(self, statement: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """A query's rows as dictionaries."""
        return fetch_rows(self.execute(statement, parameters))

    def arrow(self, statement: str) -> pa.Table:
        """A query's rows as an Arrow table."""
        return self._connection.sql(statement).to_arrow_table()

    def frame(self, statement: str) -> pd.DataFrame:
        """A query's rows as a pandas frame."""
        return self._connection.sql(statement).df()

    def register(self, name: str, table: pa.Table) -> None:
        """Let queries read an Arrow table by this name."""
        self._connection.register(name, table)

    def set_variables(self, variables: Mapping[str, object]) -> None:
        """Set what queries read by getvariable()."""
        for name, value in variables.items():
            self.execute(f"SET VARIABLE {name} = $1", [value])

    def begin(self) -> None:
        """Start the night's one transaction."""
        self.execute("BEGIN")

    def commit(self) -> None:
        """Keep the night."""
        self.execute("COMMIT")

    def rollback(self) -> None:
        """Forget everything since begin()."""
        self.execute("ROLLBACK")

    def fill_reference(self, name: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Add rows to a reference table."""
        if rows:
            self.register("landed_reference", pa.Table.from_pylist(list(rows)))
            self.execute(f"INSERT INTO ref.{name} BY NAME FROM landed_reference")

    def settle_tonight(self, name: str, query: str) -> None:
        """What's to be kept of tonight, as `tonight_<name>`: a view where a working table holds it as it is."""
        kind = "VIEW" if name in (*tables_from("night"), "rejection") else "TABLE"
        self.execute(f"CREATE OR REPLACE TEMP {kind} tonight_{name} AS {query}")

    def record_history(self, name: str) -> None:
        """Bring an interval history up to tonight: end what no longer holds, start what's new.

        A night that's run again is first undone, so running it twice changes nothing.
        """
        columns = [row["column_name"] for row in self.rows(f"DESCRIBE history.{name}")][:-2]
        details = HISTORIES[name]
        same = " AND ".join(
            f"h.{column} IS NOT DISTINCT FROM c.{column}" for column in columns if column not in (*details, *FOLLOWING)
        )
        table, now, night = f"history.{name}", f"tonight_{name}", "getvariable('snapshot_on')"
        here = "institution_code IN (SELECT institution_code FROM tonight)"
        self.execute(f"DELETE FROM {table} WHERE valid_from = {night} AND {here}")
        self.execute(f"UPDATE {table} SET valid_to = NULL WHERE valid_to = {night} AND {here}")
        self.execute(
            f"UPDATE {table} AS h SET valid_to = {night} WHERE h.valid_to IS NULL AND h.{here} "
            f"AND NOT EXISTS (FROM {now} AS c WHERE {same})"
        )
        if details:
            changes = ", ".join(f"{column} = c.{column}" for column in details)
            differs = " OR ".join(f"h.{column} IS DISTINCT FROM c.{column}" for column in details)
            self.execute(
                f"UPDATE {table} AS h SET {changes} FROM {now} AS c WHERE h.valid_to IS NULL AND {same} AND ({differs})"
            )
        names = ", ".join(f"c.{column}" for column in columns)
        self.execute(
            f"INSERT INTO {table} SELECT {names}, {night}, NULL FROM {now} AS c "
            f"WHERE NOT EXISTS (FROM {table} AS h WHERE h.valid_to IS NULL AND {same})"
        )

    def build_mart(self, table: str) -> None:
        """Tonight's rows of a published table, in memory."""
        self.execute(f"CREATE OR REPLACE TABLE figures.{table} AS {sql(f'mart/{table}')}")

    def record_night(self, table: str) -> None:
        """Keep tonight's rows of a table that's kept night by night."""
        names = ", ".join(row["column_name"] for row in mart_columns(table))
        self.execute(
            f"DELETE FROM history.{table} WHERE snapshot_on = getvariable('snapshot_on') "
            f"AND institution_code IN (SELECT institution_code FROM tonight)"
        )
        self.execute(
            f"INSERT INTO history.{table} "
            f"SELECT {names} FROM tonight_{table} SEMI JOIN tonight USING (institution_code)"
        )

    def _migrate(self) -> None:
        self.execute("CREATE TABLE IF NOT EXISTS migration (name VARCHAR PRIMARY KEY)")
        done = {row["name"] for row in self.rows("SELECT name FROM migration")}
        for path in sorted((WAREHOUSE / "migrations").glob("*.sql")):
            if path.stem not in done:
                self.execute("BEGIN")
                self.execute(path.read_text(encoding="utf-8"))
                self.execute("INSERT INTO migration VALUES ($1)", [path.stem])
                self.execute("COMMIT")

    def _attach(self, instruments: Mapping[str, Instrument]) -> None:
        """Working databases, and the reference tables from seeds."""
        for database in WORKING:
            self.execute(f"ATTACH ':memory:' AS {database}")
        self.run("reference")
        for name, rows in reference_rows(instruments).items():
            self.fill_reference(name, rows)
        self.run("reference_year")

    def _prepare(self) -> None:
        """Macros, and the tables that are kept night by night."""
        for macros in ("macros", "macros_of_history"):
            self.run(macros)
        for table in tables_from("night"):
            columns = ", ".join(f"{row['column_name']} {row['column_type']}" for row in mart_columns(table))
            self.execute(f"CREATE TABLE IF NOT EXISTS history.{table} ({columns})")


def tables_from(kept: str) -> tuple[str, ...]:
    """Published tables whose rows come from `night` (kept night by night), `latest` (latest night's) or `history`."""
    return tuple(name for name, about in mart_tables().items() if about["rows_from"] == kept)


def reference_rows(instruments: Mapping[str, Instrument]) -> dict[str, list[dict[str, object]]]:
    """The instruments and stages as rows of the tables in `reference.sql`."""
    rows: dict[str, list[dict[str, object]]] = {
        "stage": [
            {**row, "stage_no": int(row["stage_no"]), "falls_back": row["falls_back"] == "yes"} for row in seed("stage")
        ],
        "effort": [dict(row) for row in seed("effort")],
        "indicator_effort": [dict(row) for row in seed("indicator_effort")],
        "analysis_setting": [dict(row) for row in seed("analysis_setting")],
        "institution_word": [dict(row) for row in seed("institution_word")],
        "evaluation_calendar": [dict(row) for row in seed("evaluation_calendar")],
        "crosswalk": [dict(row) for row in seed("crosswalk")],
        "published_average": [dict(row) for row in seed("published_average")],
        "object_kind": [dict(row) for row in seed("object_kind")],
        "object_field": [
            {name: row[name] for name in ("worksheet", "object_kind", "field", "header", "reader", "need", "refers_to")}
            for row in seed("inventory_field")
        ],
        "sensitive_word": [dict(row) for row in seed("sensitive_word")],
        "roadmap_content": [dict(row) for row in seed("roadmap_content")],
        "fact": [dict(row) for row in seed("fact")],
        "indicator_fact": [dict(row) for row in seed("indicator_fact")],
        "field": _field_rows(),
        "overlap_word": [dict(row) for row in seed("overlap_word")],
        "overlap_role": [{**row, "tells": row["tells"] == "yes"} for row in seed("overlap_role")],
        "overlap_reason": [dict(row) for row in seed("overlap_reason")],
    }
    for one in instruments.values():
        for name, parts in _instrument_rows(one).items():
            rows.setdefault(name, []).extend({"instrument_code": one.code, **part} for part in parts)
    return rows


def _field_rows() -> list[dict[str, object]]:
    """Every worksheet's columns; of several kinds' hints for one column the first."""
    hints: dict[tuple[str, str], str] = {}
    for row in seed("inventory_field"):
        hints.setdefault((row["worksheet"], row["field"]), row["hint"])
    return [
        {
            "worksheet": one.worksheet,
            "field": one.field,
            "header": one.header,
            "is_shown": one.is_shown,
            "hint": hints.get((one.worksheet, one.field), ""),
        }
        for row in seed("worksheet")
        for one in fields(row["worksheet"])
    ]


def _instrument_rows(one: Instrument) -> dict[str, list[dict[str, object]]]:
    return {
        "instrument": [
            {
                "instrument_name": one.name,
                "first_year": one.first_year,
                "last_year": one.last_year or OPEN_YEAR,
                "lowest_score": one.lowest_score,
                "highest_score": one.highest_score,
                "score_range": one.score_range,
                "score_decimals": one.score_decimals,
                "unit_total": one.unit_total,
            }
        ],
        "domain": [
            {"domain_no": int(part.no), "domain_name": part.name, "weight_units": one.units(part.weight)}
            for part in one.domains
        ],
        "aspect": [
            {
                "aspect_no": int(part.no),
                "domain_no": int(part.domain_no) if part.domain_no else None,
                "aspect_name": part.name,
                "weight_units": one.units(part.weight),
            }
            for part in one.aspects
        ],
        "indicator": [
            {
                "indicator_no": part.no,
                "aspect_no": int(part.aspect_no),
                "indicator_name": part.name,
                "kind": part.kind,
                "gate_level": part.gate_level,
                "gate_kind": part.gate_kind,
                "is_external": part.is_external,
                "weight_units": one.units(part.weight),
            }
            for part in one.indicators
        ],
        "predicate": [{"predicate": part.name, "from_index": str(part.from_index)} for part in one.predicates],
    }


def fetch_rows(cursor: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """A result's rows as dictionaries."""
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def first_line(error: BaseException) -> str:
    """An error of an engine in one line."""
    return (str(error).splitlines() or [type(error).__name__])[0]
