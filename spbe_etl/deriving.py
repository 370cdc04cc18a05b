"""Any night again: from raw, as it was known to a run, to that night's scores and states in memory. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import pyarrow as pa

from spbe_etl.building import build_marts, judge_rows
from spbe_etl.errors import ConfigurationError
from spbe_etl.instruments import Instrument
from spbe_etl.loading import read
from spbe_etl.warehouse import Warehouse


def settle(warehouse: Warehouse, built: Iterable[tuple[str, int]], night: date) -> None:
    """Say which institutions are derived, each as known to which run, and for which night."""
    rows = list(built)
    warehouse.size_for(len(rows))
    table = pa.table(
        {
            "institution_code": pa.array([code for code, _ in rows], pa.string()),
            "run_no": pa.array([run_no for _, run_no in rows], pa.int64()),
        }
    )
    warehouse.register("landed_tonight", table)
    warehouse.execute("CREATE OR REPLACE TEMP TABLE tonight AS FROM landed_tonight")
    warehouse.set_variables({"snapshot_on": night})


def derive_at(
    warehouse: Warehouse,
    instruments: Mapping[str, Instrument],
    raw: Path,
    built: Iterable[tuple[str, int]],
    night: date,
) -> dict[str, str]:
    """A night again for these institutions, each as known to a run; gives those that can't be read now, and why."""
    left = dict(built)
    refused: dict[str, str] = {}
    settle(warehouse, left.items(), night)
    while unreadable := read(warehouse, instruments, raw):
        refused |= unreadable
        left = {code: run_no for code, run_no in left.items() if code not in refused}
        settle(warehouse, left.items(), night)
    judge_rows(warehouse)
    build_marts(warehouse)
    return refused


def derive_latest(warehouse: Warehouse, instruments: Mapping[str, Instrument], raw: Path) -> None:
    """The latest run's night again, for the institutions that it built; raises ConfigurationError."""
    built = warehouse.rows(
        "SELECT n.institution_code, n.run_no, n.snapshot_on FROM history.night AS n "
        "JOIN history.run AS r USING (run_no) "
        "WHERE n.run_no = (SELECT max(run_no) FROM history.visit) AND r.state <> 'refused'"
    )
    night = built[0]["snapshot_on"] if built else date.min
    if refused := derive_at(
        warehouse, instruments, raw, [(row["institution_code"], row["run_no"]) for row in built], night
    ):
        raise ConfigurationError(next(iter(refused.values())))
