"""A reader as others write one; needs DuckDB alone, any version from 1.4.

`python tests/reader.py PUBLISHED STOP LAPS` opens the published file again and again, asks several tables in one
connection, and reads Parquet tables, until the file STOP is there; `hold` for LAPS keeps its first connection instead.
Prints one line when it's reading, and at the end what it saw, as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb

TALLY = "SELECT count(*), count(DISTINCT snapshot_on), max(snapshot_on)::VARCHAR, max(run_id[5:]::INTEGER) FROM {}"
LATEST = "SELECT count(*), max(snapshot_on)::VARCHAR, max(answered_count), min(answered_count) FROM {}"
PARQUET = """
    SET VARIABLE folder = (
        SELECT '{published}/' || (content::JSON ->> 'folder') || '/parquet/' FROM read_text('{published}/manifest.json')
    )"""


def look(connection: duckdb.DuckDBPyConnection, nights: str, indices: str) -> int:
    """The number of the night that is published; raises ValueError where tables are of different nights."""
    of_night = connection.execute(TALLY.format(nights)).fetchone()
    of_index = connection.execute(TALLY.format(indices)).fetchone()
    if of_night is None or of_index is None or of_night[1:] != of_index[1:] or of_index[0] != 5 * of_night[0]:
        raise ValueError(f"night {of_night}, index_snapshot {of_index}")
    if of_night[0] != 40 * of_night[1] or of_night[1] != of_night[3]:
        raise ValueError(f"night isn't whole: {of_night}")
    return int(of_night[1])


def ask_database(connection: duckdb.DuckDBPyConnection) -> int:
    number = look(connection, "mart.night", "mart.index_snapshot")
    last = connection.execute(LATEST.format("mart.index_as_of(DATE '9999-12-31')")).fetchone()
    if last is None or last[0] != 200 or last[2:] != (number, number):
        raise ValueError(f"index_as_of {last} on night {number}")
    return number


def read_parquet(published: str) -> int:
    """Both tables of one version: its lasting place is taken from the manifest first."""
    with duckdb.connect() as connection:
        connection.execute(PARQUET.format(published=published))
        names = (f"read_parquet(getvariable('folder') || '{name}.parquet')" for name in ("night", "index_snapshot"))
        return look(connection, *names)


def reopen(published: str) -> Iterator[int]:
    while True:
        with duckdb.connect(f"{published}/spbe.duckdb", read_only=True) as connection:
            number = ask_database(connection)
            if ask_database(connection) != number:
                raise ValueError("one connection saw two nights")
        yield number
        yield read_parquet(published)


def hold(published: str) -> Iterator[int]:
    with duckdb.connect(f"{published}/spbe.duckdb", read_only=True) as connection:
        while True:
            yield ask_database(connection)


def main(published: str, stop: Path, laps: str) -> None:
    seen: list[int] = []
    rounds = 0
    failure = None
    is_last = False
    try:
        for number in hold(published) if laps == "hold" else reopen(published):
            if not rounds:
                print("reading", flush=True)
            rounds += 1
            seen += [number] if number not in seen[-1:] else []
            if is_last and rounds % 2 == 0:
                break
            is_last = is_last or stop.exists()
    except (duckdb.Error, OSError, ValueError) as error:
        failure = f"after {rounds} rounds: {type(error).__name__}: {error}"
    print(json.dumps({"duckdb": duckdb.__version__, "rounds": rounds, "seen": seen, "failure": failure}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
