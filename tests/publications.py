"""Publications made quickly: a warehouse whose marts are filled straight, without a night's reading and judging.

`python tests/publications.py FOLDER` publishes one night after the other until it's killed, and prints each version.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

from spbe_etl.analysis import analyse
from spbe_etl.deriving import derive_at, settle
from spbe_etl.instruments import load_instruments
from spbe_etl.publishing import Edition, Published, publish
from spbe_etl.warehouse import Warehouse

FIRST_NIGHT = date(2026, 7, 1)
INSTITUTIONS, YEARS = 40, 5
KEEP = 3
FILL = f"""
    DELETE FROM history.night WHERE snapshot_on = getvariable('snapshot_on');
    DELETE FROM history.index_snapshot WHERE snapshot_on = getvariable('snapshot_on');
    INSERT INTO history.night BY NAME
    SELECT institution_code, getvariable('snapshot_on') AS snapshot_on, getvariable('filled') AS run_no,
           'run-' || getvariable('filled') AS run_id
    FROM tonight;
    INSERT INTO history.index_snapshot BY NAME
    SELECT institution_code, 2020 + y AS year, 'proposed' AS stage, snapshot_on, 'spbe-2020' AS instrument_code,
           getvariable('filled') % 5 AS index_exact, getvariable('filled') % 5 AS index_value, 'Cukup' AS predicate,
           100 AS coverage_pct, getvariable('filled') AS answered_count, 47 AS indicator_count, false AS is_stale,
           run_id
    FROM history.night, range({YEARS}) AS t(y) WHERE snapshot_on = getvariable('snapshot_on');
    CREATE OR REPLACE TABLE core.institution AS
    SELECT institution_code, 'Kabupaten ' || institution_code AS institution_name, 'Kabupaten' AS institution_kind,
           'Asia/Makassar' AS timezone
    FROM tonight"""
CODES = [f"{number:02d}.01" for number in range(INSTITUTIONS)]


def night_of(number: int) -> date:
    """The first is 1."""
    return FIRST_NIGHT + timedelta(days=number - 1)


def open_filled(path: Path) -> Warehouse:
    """A warehouse in which a night of nobody was derived."""
    warehouse = Warehouse(path, load_instruments())
    derive_at(warehouse, load_instruments(), path.parent / "raw", [], FIRST_NIGHT)
    analyse(warehouse)
    return warehouse


def fill(warehouse: Warehouse, number: int) -> None:
    """Add a night's rows: those of night n say n, so that rows of two nights can be told apart."""
    settle(warehouse, [(code, number) for code in CODES], night_of(number))
    warehouse.set_variables({"filled": number})
    warehouse.execute(FILL)


def nobody(built: Sequence[tuple[str, int]], night: date) -> dict[str, str]:
    """Everybody is built every night here, so nobody has to be derived again."""
    raise AssertionError((built, night))


def publish_night(warehouse: Warehouse, folder: Path, number: int, keep: int = KEEP) -> Published:
    """Fill the marts with a night and publish it."""
    fill(warehouse, number)
    return publish(warehouse, folder, edition(number), keep, nobody)


def edition(number: int) -> Edition:
    return Edition(f"run-{number}", night_of(number), datetime(2026, 7, 1, 12, tzinfo=UTC) + timedelta(days=number - 1))


def publish_for_ever(folder: Path) -> None:
    warehouse = open_filled(folder / "warehouse.duckdb")
    (known,) = warehouse.rows("SELECT count(DISTINCT snapshot_on) AS nights FROM history.night")
    for number in count(known["nights"] + 1):
        print(publish_night(warehouse, folder / "published", number).version, flush=True)


if __name__ == "__main__":
    publish_for_ever(Path(sys.argv[1]))
