"""A country's landing, made by SQL: N institutions of 40 OPD and 47 indicators each, as extraction would have left it.

4 % of the scores are blank and 1 % bad; of the evidence 10 % is missing and 1 % malformed. With inventories every OPD
has its seven worksheets too (inventories.py).
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
from inventories import OBJECTS, OPD, inventory_rows, kind_names, places

from spbe_etl.extraction import Institution
from spbe_etl.instruments import Instrument
from spbe_etl.night import Night
from spbe_etl.registers import DEFAULT_ZONE, Register
from spbe_etl.runs import Request
from spbe_etl.settings import Settings
from spbe_etl.sources import RegisterSource
from spbe_etl.warehouse import Warehouse

YEAR = 2025
NIGHT = datetime(2026, 11, 24, 20, tzinfo=UTC)
SQL = Path(__file__).parent / "country_sql"


def land_country(
    raw: Path,
    run_id: str,
    institutions: int,
    instrument: Instrument,
    salt: str = "",
    *,
    has_inventories: bool = False,
) -> list[str]:
    """Write the landing of a run; gives the institutions' codes."""
    folder = raw / run_id
    folder.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE indicator (indicator_no VARCHAR, indicator_name VARCHAR, is_gated BOOLEAN, position INTEGER)"
        )
        for position, one in enumerate(instrument.indicators):
            connection.execute(
                "INSERT INTO indicator VALUES ($1, $2, $3, $4)",
                [one.no, one.name, one.gate_kind == "practice", position + 1],
            )
        for name, value in {"institutions": institutions, "opd": OPD, "salt": salt, "run_id": run_id}.items():
            connection.execute(f"SET VARIABLE {name} = $1", [value])
        _run(connection, "contents")
        if has_inventories:
            _add_inventories(connection)
        for n in range(institutions):
            files = {
                f"{n:05d}.workbook": _sql("workbook"),
                f"{n:05d}.row": _sql("row").replace("$is_opd", "true"),
                f"{n:05d}r.row": _sql("row").replace("$is_opd", "false"),
            }
            for name, query in files.items():
                sql = _with_variables(query).replace("$n", str(n))
                connection.execute(f"COPY ({sql}) TO '{folder}/{name}.parquet' (COMPRESSION zstd)")
        rows = connection.execute("SELECT DISTINCT institution_code FROM opd ORDER BY 1").fetchall()
    return [code for (code,) in rows]


def _add_inventories(connection: duckdb.DuckDBPyConnection) -> None:
    connection.register(
        "inventory_worksheet",
        pa.table(
            {
                "worksheet": list(OBJECTS),
                "object_count": list(OBJECTS.values()),
                "kind_names": [kind_names(one) for one in OBJECTS],
                "columns": pa.array([places(one) for one in OBJECTS], pa.map_(pa.string(), pa.int32())),
            }
        ),
    )
    _run(connection, "inventory")
    for one in OBJECTS:
        connection.execute(f"INSERT INTO row {inventory_rows(one)}")


def _run(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    for statement in filter(str.strip, _sql(name).split(";\n")):
        connection.execute(_with_variables(statement))


def _sql(name: str) -> str:
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def _with_variables(statement: str) -> str:
    for name in ("institutions", "opd", "salt", "run_id"):
        statement = statement.replace(f"${name}", f"getvariable('{name}')")
    return statement


class Nothing:
    """A source that has nothing to ask for: everything has landed."""

    api_calls = 0
    notes = ()

    def registers(self) -> list[RegisterSource]:
        """None."""
        return []


class LandedNight(Night):
    """A night whose workbooks have landed already."""

    codes: tuple[str, ...] = ()

    def extract_registers(self) -> None:
        """Take the institutions as they landed."""
        zone = ZoneInfo(DEFAULT_ZONE)
        self.institutions = [Institution(None, Register(code, zone, {})) for code in self.codes]  # type: ignore[arg-type]
        self.snapshot_on = self.request.night or self.request.now.date()


def landed_night(settings: Settings, run_id: str, codes: list[str], instruments: dict[str, Instrument]) -> LandedNight:
    """A night of a landing, ready to run; the caller closes its warehouse."""
    warehouse = Warehouse(settings.warehouse_path, instruments)
    night = LandedNight(Nothing(), settings, instruments, Request(NIGHT, run_id), warehouse)  # type: ignore[arg-type]
    night.codes = tuple(codes)
    return night
