"""Workbooks in Google Sheets: a register's spreadsheet, and those that it names.

One list of files tells what changed since the last good read; each changed spreadsheet is one request.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property

from spbe_etl.errors import ConfigurationError, SourceError
from spbe_etl.google.client import FILES, Google
from spbe_etl.google.grid import FIELDS, read_spreadsheet
from spbe_etl.google.problems import problem_text
from spbe_etl.google.transport import THREADS
from spbe_etl.references import spreadsheet_id
from spbe_etl.sources import Fetched, RegisterSource

FILE_FIELDS = "id,modifiedTime,trashed"


@dataclass(frozen=True)
class Listed:
    """A spreadsheet as Drive lists it."""

    version: str
    is_trashed: bool


@dataclass(frozen=True)
class GoogleSource:
    """The institutions whose registers are these spreadsheets."""

    google: Google
    references: Sequence[str]
    notes: list[str] = field(default_factory=list)

    def registers(self) -> Sequence[RegisterSource]:
        """One institution per register; raises ConfigurationError for a reference that can't be one."""
        ids = [spreadsheet_id(reference) for reference in self.references]
        wrong = [reference for reference, found in zip(self.references, ids, strict=True) if found is None]
        if wrong or not ids:
            raise ConfigurationError(
                f"SPBE_GOOGLE_REGISTER={','.join(wrong)}: give the id or address of the register's spreadsheet."
            )
        return [GoogleRegister(self, one) for one in dict.fromkeys(filter(None, ids))]

    @property
    def api_calls(self) -> int:
        """Requests sent to Sheets and Drive, retries included."""
        return self.google.calls

    @cached_property
    def listed(self) -> Mapping[str, Listed]:
        """Every spreadsheet that the account can see. None of them if Drive can't tell: then all are read."""
        try:
            files = self.google.files(FILES, FILE_FIELDS)
        except SourceError as error:
            self.notes.append(f"{error} Semua spreadsheet dibaca ulang.")
            return {}
        return {one["id"]: Listed(str(one.get("modifiedTime", "")), bool(one.get("trashed"))) for one in files}


@dataclass(frozen=True)
class GoogleRegister:
    """One register's spreadsheet and those that it names."""

    source: GoogleSource
    key: str

    def fetch_register(self) -> Fetched:
        """The register, read every night: what it says decides everything else."""
        return self._fetch(self.key, "")

    def fetch(self, references: Sequence[str], known: Mapping[str, str]) -> Iterator[Fetched]:
        """The named spreadsheets, some at a time; one that's still at its known version isn't read."""
        versions = [known.get(reference, "") for reference in references]
        with ThreadPoolExecutor(THREADS, thread_name_prefix="sheets") as pool:
            yield from pool.map(self._fetch, references, versions)

    def _fetch(self, reference: str, known_version: str) -> Fetched:
        """One spreadsheet. A file that isn't listed is still asked for: it may be open to anybody with its link."""
        file_id = spreadsheet_id(reference)
        if file_id is None:
            return Fetched(reference, reference, reason=problem_text(_brief(reference), "not_an_id"))
        listed = self.source.listed.get(file_id, Listed("", is_trashed=False))
        if listed.is_trashed:
            return Fetched(reference, file_id, reason=problem_text(file_id, "trashed"))
        if listed.version and listed.version == known_version:
            return Fetched(reference, file_id, version=known_version, is_unchanged=True)
        try:
            workbook = read_spreadsheet(file_id, self.source.google.spreadsheet(file_id, FIELDS))
        except SourceError as error:
            return Fetched(reference, file_id, reason=str(error))
        return Fetched(reference, file_id, workbook, version=listed.version)


def _brief(reference: str) -> str:
    return re.sub(r"\s+", " ", reference)[:60]
