"""Nights again: each derived from raw as it was known then, compared with what's kept, filled where none was built.

A figure that comes out otherwise now (a rule or the code changed) is only told, unless it's restated with a
reason; then the one before stays on record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from spbe_etl import __version__
from spbe_etl.building import record_night, rule_version
from spbe_etl.deriving import derive_at, settle
from spbe_etl.errors import ConfigurationError
from spbe_etl.instruments import Instrument
from spbe_etl.warehouse import HISTORIES, Warehouse, mart_columns, sql, tables_from

FIRST_DAY, LAST_DAY = date.min, date.max
BY_ITS_NATURE = {"run_id", "fetched_at"}
"""What differs between runs that found the same."""


@dataclass(frozen=True)
class NightAgain:
    """An institution's night, derived again. `rows`: how many differ.

    `state`: equal, differs, filled, restated, or unreadable: why is its `reason`.
    """

    institution_code: str
    snapshot_on: date
    state: str
    rows: Mapping[str, int] = field(default_factory=dict)
    reason: str = ""


@dataclass
class Backfill:
    """One run over nights. `reason`: restate what comes out otherwise, and why; empty: only tell."""

    warehouse: Warehouse
    instruments: Mapping[str, Instrument]
    raw: Path
    run_id: str
    now: datetime
    first: date = FIRST_DAY
    last: date = LAST_DAY
    reason: str = ""
    is_on_record: bool = False

    def nights(self) -> Iterator[NightAgain]:
        """Every night of the range in order, those that were built and those that weren't."""
        self._check()
        groups = self._groups()
        if not self.reason:
            for group in groups:
                yield from self._look(*group)
            return
        built = [group for group in groups if group[1]]
        done = [one for group in built for one in self._look(*group)]
        yield from self._restate(done, [(night, codes) for night, _, codes in built])
        for group in groups:
            if not group[1]:  # what was in force on it may be told otherwise only now
                yield from self._look(*group)

    def _look(self, night: date, is_built: bool, built: list[tuple[str, int]]) -> list[NightAgain]:
        """Derive a night and compare it; fill it if nobody ran it, lay it aside if it may be restated."""
        unreadable = self._derive(night, built)
        differing = self._differing(is_built=is_built)
        derived = [code for code, _ in built if code not in unreadable]
        if not is_built:
            self._fill([code for code in derived if code not in differing])
        elif self.reason and not unreadable:
            self._stash(night)
        elif self.reason:
            raise ConfigurationError(f"Night {night} can't be derived any more: {next(iter(unreadable.values()))}")
        return [
            *(NightAgain(code, night, "unreadable", reason=reason) for code, reason in unreadable.items()),
            *(
                NightAgain(
                    code,
                    night,
                    "differs" if code in differing else "equal" if is_built else "filled",
                    differing.get(code, {}),
                )
                for code in derived
            ),
        ]

    def _put_on_record(self) -> None:
        """The run, in the transaction of its first change: no night is ever kept of a run that nobody knows."""
        if self.is_on_record:
            return
        self.warehouse.set_variables(
            {
                "started_at": self.now.astimezone(UTC).replace(tzinfo=None),
                "finished_at": datetime.now(UTC).replace(tzinfo=None),
                "state": "restated" if self.reason else "backfilled",
                "code_version": __version__,
                "rule_version": rule_version(),
            }
        )
        self.warehouse.run("history/again_run")
        self.is_on_record = True

    def _check(self) -> None:
        (latest,) = self.warehouse.rows("SELECT max(snapshot_on) AS snapshot_on FROM history.night")
        if latest["snapshot_on"] is None:
            raise ConfigurationError("No night was built yet. Run first: spbe-etl run --source DIR")
        if self.reason and self.last < latest["snapshot_on"]:
            raise ConfigurationError(
                f"--restate goes on to the latest night, {latest['snapshot_on']}: later figures follow from earlier "
                f"ones. Leave out --to."
            )

    def _groups(self) -> list[tuple[date, bool, list[tuple[str, int]]]]:
        """Nights in order, whether they were built, and each institution with the run whose data were in force."""
        built = self.warehouse.rows(
            "SELECT institution_code, snapshot_on, run_no, true AS is_built FROM history.night "
            "WHERE snapshot_on BETWEEN $1 AND $2",
            [self.first, self.last],
        )
        gaps = self.warehouse.rows(sql("history/gap"), [self.first, self.last])
        rows = sorted([*built, *({**row, "is_built": False} for row in gaps)], key=_by_night)
        return [
            (night, is_built, [(row["institution_code"], row["run_no"]) for row in group])
            for (night, is_built), group in groupby(rows, key=_by_night)
        ]

    def _derive(self, night: date, built: list[tuple[str, int]]) -> Mapping[str, str]:
        self.warehouse.set_variables(
            {
                "run_id": self.run_id,
                "reason": self.reason,
                "restated_at": self.now.astimezone(UTC).replace(tzinfo=None),
            }
        )
        return derive_at(self.warehouse, self.instruments, self.raw, built, night)

    def _differing(self, *, is_built: bool) -> dict[str, dict[str, int]]:
        """Institution -> table -> rows that are kept and not derived, or the other way round."""
        found: dict[str, dict[str, int]] = {}
        for table, kept, derived in self._compared(is_built=is_built):
            rows = self.warehouse.rows(
                f"SELECT institution_code, count(*) AS n FROM (({kept} EXCEPT ALL {derived}) UNION ALL "
                f"({derived} EXCEPT ALL {kept})) GROUP BY ALL"
            )
            for row in rows:
                found.setdefault(row["institution_code"], {})[table] = row["n"]
        return found

    def _compared(self, *, is_built: bool) -> Iterator[tuple[str, str, str]]:
        here = "SEMI JOIN tonight USING (institution_code)"
        night = "getvariable('snapshot_on')"
        for table in tables_from("night") if is_built else ():
            names = ", ".join(
                row["column_name"] for row in mart_columns(table) if row["column_name"] not in BY_ITS_NATURE
            )
            yield (
                table,
                f"SELECT {names} FROM history.{table} {here} WHERE snapshot_on = {night}",
                f"SELECT {names} FROM tonight_{table}",
            )
        for table, details in HISTORIES.items():
            columns = [row["column_name"] for row in self.warehouse.rows(f"DESCRIBE history.{table}")][:-2]
            names = ", ".join(name for name in columns if name not in {*details, *BY_ITS_NATURE})
            yield (
                table,
                f"SELECT {names} FROM history.{table} {here} "
                f"WHERE valid_from <= {night} AND (valid_to IS NULL OR valid_to > {night})",
                f"SELECT {names} FROM tonight_{table}",
            )

    def _fill(self, codes: list[str]) -> None:
        """Keep a night that nobody ran: what was in force held on that day too, so no stretch of nights changes."""
        if not codes:
            return
        self.warehouse.execute("DELETE FROM tonight WHERE NOT list_contains($1, institution_code)", [codes])
        self.warehouse.begin()
        self._put_on_record()
        record_night(self.warehouse)
        self.warehouse.commit()

    def _restate(
        self, done: list[NightAgain], groups: list[tuple[date, list[tuple[str, int]]]]
    ) -> Iterator[NightAgain]:
        """From the first night that differs on keep what comes out now; what was published goes on record.

        `groups`: the nights that were built before this run, all of them laid aside.
        """
        differing = {(one.snapshot_on, one.institution_code) for one in done if one.state == "differs"}
        if not differing:
            yield from done
            return
        first = min(night for night, _ in differing)
        self.warehouse.begin()
        self._put_on_record()
        for table in HISTORIES:
            self.warehouse.execute(f"DELETE FROM history.{table} WHERE valid_from >= $1", [first])
            self.warehouse.execute(f"UPDATE history.{table} SET valid_to = NULL WHERE valid_to >= $1", [first])
        for night, built in groups:
            if night >= first:
                self._record_again(night, built, [code for code, _ in built if (night, code) in differing])
        self.warehouse.commit()
        for one in done:
            yield replace(one, state="restated" if one.state == "differs" else one.state)

    def _stash(self, night: date) -> None:
        """Lay a derived night aside: all are recorded together, or none."""
        for table in (*tables_from("night"), *HISTORIES):
            self.warehouse.execute(
                f"CREATE TEMP TABLE IF NOT EXISTS again_{table} AS "
                f"SELECT *, DATE '0001-01-01' AS night FROM tonight_{table} LIMIT 0"
            )
            self.warehouse.execute(f"INSERT INTO again_{table} SELECT *, $1 FROM tonight_{table}", [night])

    def _record_again(self, night: date, built: list[tuple[str, int]], differing: list[str]) -> None:
        """States for all that were built, so that stretches of nights stay whole; figures where they differ."""
        settle(self.warehouse, built, night)
        for table in (*tables_from("night"), *HISTORIES):
            self.warehouse.settle_tonight(
                table, f"SELECT * EXCLUDE (night) FROM again_{table} WHERE night = getvariable('snapshot_on')"
            )
        for table in HISTORIES:
            self.warehouse.record_history(table)
        self.warehouse.execute("DELETE FROM tonight WHERE NOT list_contains($1, institution_code)", [differing])
        self.warehouse.run("history/restatement")
        record_night(self.warehouse)


def _by_night(row: Mapping[str, Any]) -> tuple[date, bool]:
    return row["snapshot_on"], row["is_built"]
