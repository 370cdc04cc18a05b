"""Where workbooks come from: one port, an adapter for each kind of place.

A source never decides what a value means. It says for each workbook what it holds or why it can't be
read; a failure is never an empty workbook.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from spbe_etl.workbooks import Workbook


@dataclass(frozen=True)
class Fetched:
    """One workbook asked for: `reference` as the register names it, and what came or why nothing did.

    `version` tells one state of a workbook from another, where the source can; `is_unchanged`: it's the state
    that was known, so nothing was read and `workbook` is None.
    """

    reference: str
    workbook_name: str
    workbook: Workbook | None = None
    reason: str = ""
    version: str = ""
    is_unchanged: bool = False


class RegisterSource(Protocol):
    """One institution's register and the workbooks that it names."""

    @property
    def key(self) -> str:
        """The same for the same register on every night."""

    def fetch_register(self) -> Fetched:
        """The register workbook; always read."""

    def fetch(self, references: Sequence[str], known: Mapping[str, str]) -> Iterator[Fetched]:
        """The named workbooks, in the order asked for. `known`: reference -> version that needn't be read again."""


class Source(Protocol):
    """A place that holds one institution or many."""

    def registers(self) -> Sequence[RegisterSource]:
        """All institutions found, in a stable order; raises ConfigurationError when there is none."""

    @property
    def api_calls(self) -> int:
        """Requests sent so far, retries included; 0 where nothing is asked over a network."""

    @property
    def notes(self) -> Sequence[str]:
        """What whoever watches the run should know of the source itself (Bahasa)."""
