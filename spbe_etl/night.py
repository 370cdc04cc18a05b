"""The night: from a source to a published index, one step after the other, in one transaction.

sources -> raw -> read -> judged -> core (scores) -> mart -> published. The flow and the command line run the
same steps (`run_night`); they differ only in how they perform one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from spbe_etl import __version__
from spbe_etl.analysis import analyse
from spbe_etl.building import audit, build_marts, judge_rows, record, rule_version
from spbe_etl.deriving import derive_at, settle
from spbe_etl.errors import (
    DONE,
    NOTHING_PUBLISHED,
    PUBLISHED_WITH_UNREAD,
    ConfigurationError,
    PublicationError,
    SpbeError,
)
from spbe_etl.extraction import REGISTER_OPD, Institution, Landed, extract_batch, extract_register, place_of
from spbe_etl.feedback import MarkWriter, compose, send
from spbe_etl.instruments import Instrument
from spbe_etl.landing import land as land_files
from spbe_etl.loading import known_contents, known_versions, land, last_register, read
from spbe_etl.progress import listener
from spbe_etl.publishing import Edition, Published, publish
from spbe_etl.registers import DEFAULT_ZONE
from spbe_etl.report import report_published
from spbe_etl.runs import Failure, Feedback, Outcome, Request
from spbe_etl.settings import Settings
from spbe_etl.sources import Source
from spbe_etl.warehouse import Warehouse, sql

Step = Callable[[], Any]
Perform = Callable[[str, Step], Any]
"""Performs one named step: directly, or as a task of a flow."""


@dataclass
class Night:
    """One run of one night. The methods without an underscore are its steps, in order."""

    source: Source
    settings: Settings
    instruments: Mapping[str, Instrument]
    request: Request
    warehouse: Warehouse
    writer: MarkWriter | None = None
    institutions: list[Institution] = field(default_factory=list)
    batch_no: int = 0
    run_no: int = 0
    is_landed: bool = False
    failures: list[Failure] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    snapshot_on: date = date.min
    error: str | None = None

    @property
    def landing(self) -> Path:
        """Where this run's workbooks land."""
        return self.settings.raw_dir / self.request.run_id

    def extract_registers(self) -> None:
        """Read every register, or stand in its last good one, and settle which night this is."""
        sources = self.source.registers()
        for source in sources:
            institution, landed = extract_register(
                source, partial(last_register, self.warehouse, self.settings.raw_dir), self.request.now
            )
            if institution is not None and (twin := self._twin(institution)) is not None:
                reason = (
                    f"{landed.workbook}: kode instansi ini sudah dipakai register di {twin}. Beri kode yang berbeda."
                )
                institution, landed = (
                    None,
                    Landed(source.key, "", REGISTER_OPD, landed.workbook, landed.fetched_at, reason),
                )
            if landed.reason:
                place = place_of(source, landed)
                code = landed.institution_code or None
                self.failures.append(Failure(code, None, place + landed.workbook, place + landed.reason))
            if institution is not None:
                self.institutions.append(institution)
                self._keep([landed])
        self._check_accepted()
        self.snapshot_on = self._settle_night(is_alone=len(sources) == 1)

    def batches(self) -> Iterator[tuple[str, Step]]:
        """The OPD workbooks still to read: a name and a step for each batch."""
        size = self.settings.batch_size
        for institution in self.institutions:
            codes = list(institution.register.references)
            for start in range(0, len(codes), size):
                batch = codes[start : start + size]
                name = (
                    f"extract {institution.register.institution_code} {start + 1}-{start + len(batch)} of {len(codes)}"
                )
                yield name, partial(self._extract, institution, batch)

    def load(self) -> None:
        """Keep what came in raw, once, and read what's in force that wasn't read before."""
        if not self.is_landed:
            self.warehouse.size_for(len(self.institutions))
            self._land()
        self._choose_members()
        while unreadable := read(self.warehouse, self.instruments, self.settings.raw_dir):
            self.refused = {**unreadable, **self.refused}
            self._choose_members()

    def judge(self) -> None:
        """Judge every data row in force."""
        judge_rows(self.warehouse)

    def build(self) -> None:
        """Compute scores, index, and tonight's tables and states."""
        build_marts(self.warehouse)

    def analyse(self) -> None:
        """Say what the figures mean: steps, paths, estimates."""
        analyse(self.warehouse)

    def audit(self) -> bool:
        """Check what would be published: True and recorded, or False and to be built again without some.

        A refused institution keeps what was last published; with none left, raw rows and the run are kept.
        """
        findings = audit(self.warehouse)
        if findings:
            before = set(self.refused)
            for row in findings:
                self.refused.setdefault(row["institution_code"], row["finding"])
            if before == set(self.refused):
                raise PublicationError(f"The audit refuses what isn't being built: {findings[0]['finding']}")
            return False
        self.warehouse.begin()
        record(self.warehouse)
        self._record_run()
        self.warehouse.commit()
        return True

    def publish(self) -> Published | None:
        """Put the marts in place for others to read, unless nothing was built."""
        if not self._built():
            return None
        edition = Edition(self.request.run_id, self.snapshot_on, datetime.now(UTC))
        derive = partial(derive_at, self.warehouse, self.instruments, self.settings.raw_dir)
        try:
            published = publish(
                self.warehouse, self.settings.published_dir, edition, self.settings.keep_versions, derive
            )
        except SpbeError as error:
            self.error = str(error)
            self.warehouse.execute("UPDATE history.run SET state = 'refused' WHERE run_id = $1", [self.request.run_id])
            return None
        self.refused |= published.left_out
        return published

    def report(self) -> None:
        """Write the report of what's published now. One that can't be written is told of; the night stays published."""
        self.notes += report_published(self.settings.published_dir, self.settings.report)

    def reply(self) -> Feedback | None:
        """Tell every OPD in its own workbook what the night found; None if that isn't wanted."""
        return send(compose(self.warehouse), self.writer) if self.writer else None

    def outcome(self, published: Published | None, feedback: Feedback | None) -> Outcome:
        """What to tell of the night."""
        (run,) = self.warehouse.rows("FROM history.run WHERE run_id = $1", [self.request.run_id])
        failures = (*self.failures, *self._failed_workbooks())
        exit_code = PUBLISHED_WITH_UNREAD if failures or self.refused else DONE
        return Outcome(
            run_id=self.request.run_id,
            night=self.snapshot_on,
            state=run["state"],
            exit_code=exit_code if published else NOTHING_PUBLISHED,
            published=published,
            failures=failures,
            refused=dict(self.refused),
            error=self.error,
            counts={name: run[name] for name in run if name.startswith(("workbooks_", "rows_")) or name == "api_calls"},
            indices=tuple(self.warehouse.rows(sql("ask/run_index"))) if published else (),
            notes=(
                *self.source.notes,
                *(row["note"] for row in self.warehouse.rows(sql("ask/run_note"))),
                *self._absent(),
                *self.notes,
            ),
            feedback=feedback,
        )

    def _extract(self, institution: Institution, opd_codes: Sequence[str]) -> None:
        nights = 0 if self.request.is_full else self.settings.google_full_read_nights
        known = known_versions(self.warehouse, institution.register.institution_code, self.snapshot_on, nights)
        self._keep(list(extract_batch(institution, opd_codes, known, self.request.now)))

    def _keep(self, landed: Sequence[Landed]) -> None:
        """Write what came to this run's folder, where loading finds it."""
        hashes = [sheet.content_hash for one in landed for _, sheet in one.worksheets]
        land_files(self.landing, f"{self.batch_no:05d}", landed, known_contents(self.warehouse, hashes))
        self.batch_no += 1

    def _land(self) -> None:
        (run,) = self.warehouse.rows(
            "SELECT coalesce(max(run_no), 0) + 1 AS run_no "
            "FROM (SELECT run_no FROM history.run UNION ALL SELECT run_no FROM history.visit)"
        )
        self.warehouse.set_variables(
            {
                "run_no": run["run_no"],
                "run_id": self.request.run_id,
                "snapshot_on": self.snapshot_on,
                "hollow_loss_pct": self.settings.hollow_loss_pct,
                "hollow_nights": self.settings.hollow_nights,
                "failed_workbooks_pct": self.settings.failed_workbooks_pct,
            }
        )
        self.run_no = run["run_no"]
        land(self.warehouse, self.landing, self.request.accepted)
        for row in self.warehouse.rows(sql("raw/unfit")):
            self.refused.setdefault(row["institution_code"], row["finding"])
        self.is_landed = True

    def _twin(self, institution: Institution) -> str | None:
        code = institution.register.institution_code
        return next((one.source.key for one in self.institutions if one.register.institution_code == code), None)

    def _check_accepted(self) -> None:
        known = {one.register.institution_code.upper() for one in self.institutions}
        known |= {opd_code.upper() for one in self.institutions for opd_code in one.register.references}
        unknown = [code for code in self.request.accepted if code.upper() not in known]
        if unknown and self.institutions:
            raise ConfigurationError(f"--accept {unknown[0]}: neither an institution nor an OPD with a workbook.")

    def _settle_night(self, *, is_alone: bool) -> date:
        zone = self.institutions[0].register.zone if is_alone and self.institutions else ZoneInfo(DEFAULT_ZONE)
        night = self.request.night or self.request.now.astimezone(zone).date()
        if night.year > self.request.now.year + 1:
            raise ConfigurationError(f"Night {night} is years ahead. Check --night and the clock.")
        (latest,) = self.warehouse.rows("SELECT max(snapshot_on) AS snapshot_on FROM history.night")
        if latest["snapshot_on"] is not None and night < latest["snapshot_on"]:
            raise ConfigurationError(
                f"Night {night} is before the latest one, {latest['snapshot_on']}. Only the latest night can be run "
                f"again; for earlier ones use: spbe-etl backfill"
            )
        return night

    def _choose_members(self) -> None:
        """Who is built tonight: every institution with a register in force that isn't refused."""
        codes = [one.register.institution_code for one in self.institutions]
        settle(self.warehouse, [(code, self.run_no) for code in codes if code not in self.refused], self.snapshot_on)

    def _built(self) -> list[str]:
        return [row["institution_code"] for row in self.warehouse.rows("SELECT institution_code FROM tonight")]

    def _absent(self) -> Iterator[str]:
        """Institutions of earlier nights that nothing was heard of tonight."""
        heard = {one.register.institution_code for one in self.institutions} | set(self.refused)
        heard |= {one.institution_code for one in self.failures if one.institution_code}
        for row in self.warehouse.rows(sql("history/other_night")):
            if row["institution_code"] not in heard:
                night = row["snapshot_on"]
                yield f"{row['institution_code']}: tidak ada di sumber; yang terbit malam terakhirnya, {night}"

    def _record_run(self) -> None:
        unread = bool(self.refused or self.failures or self._failed_workbooks())
        state = ("published_with_unread" if unread else "published") if self._built() else "refused"
        self.warehouse.set_variables(
            {
                "started_at": self.request.now.astimezone(UTC).replace(tzinfo=None),
                "finished_at": datetime.now(UTC).replace(tzinfo=None),
                "state": state,
                "registers_unknown": sum(one.institution_code is None for one in self.failures),
                "api_calls": self.source.api_calls,
                "code_version": __version__,
                "rule_version": rule_version(),
            }
        )
        self.warehouse.run("history/run")

    def _failed_workbooks(self) -> list[Failure]:
        return [Failure(**row) for row in self.warehouse.rows(sql("ask/failed_workbook"))]


def perform_directly(name: str, step: Step) -> Any:
    """Perform a step in place."""
    return step()


def run_night(night: Night, perform: Perform = perform_directly) -> Outcome:
    """Perform the steps of a night in order. An institution that the audit refuses is left out and the rest built."""

    def do(name: str, step: Step) -> Any:
        listener.get()(name)
        return perform(name, step)

    do("extract registers", night.extract_registers)
    for name, step in night.batches():
        do(name, step)
    while True:
        do("load", night.load)
        do("judge", night.judge)
        do("build", night.build)
        do("analyse", night.analyse)
        if do("audit", night.audit):
            published = do("publish", night.publish)
            if published:
                do("report", night.report)
            feedback = do("reply", night.reply) if published and night.writer else None
            return night.outcome(published, feedback)
