"""What a run is asked for, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from spbe_etl.publishing import Published


@dataclass(frozen=True)
class Request:
    """What a run is asked for. Time and id are passed in, so that a run can be repeated."""

    now: datetime
    run_id: str
    night: date | None = None
    accepted: tuple[str, ...] = ()
    is_full: bool = False
    """Read every workbook, also one that's still at its known version."""


@dataclass(frozen=True)
class Failure:
    """A workbook that couldn't be used tonight, and what to do (Bahasa). `opd_code` None: a register.

    `last_good_on`: the night of the last good read, whose data stay in force; None where that isn't known.
    """

    institution_code: str | None
    opd_code: str | None
    workbook: str
    reason: str
    last_good_on: date | None = None


@dataclass(frozen=True)
class Feedback:
    """What was answered in workbooks: OPD that got something new, that needn't, whose can't be opened; failures."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    unread: tuple[str, ...]
    failed: tuple[Failure, ...]
    api_calls: int = 0


@dataclass(frozen=True)
class Outcome:
    """What came of a run.

    `refused`: institution -> why it keeps what was last published (Bahasa). `error`: why what was built couldn't be
    published at all, such as a full disk: nobody's data are the reason.
    """

    run_id: str
    night: date
    state: str
    exit_code: int
    published: Published | None
    failures: tuple[Failure, ...]
    refused: Mapping[str, str]
    counts: Mapping[str, int]
    indices: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...]
    feedback: Feedback | None = None
    error: str | None = None
