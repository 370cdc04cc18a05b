"""An outcome as plain values: what `run --json` prints, what a flow returns, what `status` recalls."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, NotRequired, cast

from pydantic import AfterValidator, AwareDatetime, Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict  # Pydantic reads this one alone before Python 3.12

from spbe_etl.errors import (
    DONE,
    NOTHING_PUBLISHED,
    PUBLISHED_WITH_UNREAD,
    UNFORESEEN,
    WRONG_CALL,
    ConfigurationError,
    SpbeError,
    unreadable,
)
from spbe_etl.runs import Outcome
from spbe_etl.settings import Settings

log = logging.getLogger(__name__)

EXIT_CODES = (DONE, UNFORESEEN, WRONG_CALL, PUBLISHED_WITH_UNREAD, NOTHING_PUBLISHED)


def _known(exit_code: int) -> int:
    if exit_code not in EXIT_CODES:
        raise ValueError(f"not one of {EXIT_CODES}")
    return exit_code


ExitCode = Annotated[int, AfterValidator(_known)]
Count = Annotated[int, Field(ge=0, lt=2**53)]
Moment = Annotated[AwareDatetime, Field(gt=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))]


class Refused(TypedDict):
    """An institution that keeps what was last published, and why."""

    institution_code: str | None
    reason: str


class Failed(Refused):
    """A workbook that couldn't be used, and why."""

    opd_code: str | None
    workbook: str
    last_good_on: date | None


class Workbooks(TypedDict):
    """Workbooks by what became of them."""

    read: Count
    unchanged: Count
    failed: list[Failed]


class Rows(TypedDict):
    """Rows by what became of them."""

    read: Count
    accepted: Count
    rejected: Count
    blank: Count


class Summary(TypedDict):
    """The contract's `run --json` (section 4), refusals and notes added."""

    run_id: str | None
    night: date | None
    state: str
    exit_code: ExitCode
    published: str | None
    indices: list[dict[str, Any]]
    workbooks: Workbooks
    rows: Rows
    api_calls: Count
    refused: list[Refused]
    notes: list[str]
    feedback: dict[str, Any] | None
    error: NotRequired[str | None]
    ended_at: NotRequired[Moment]


_KEPT = TypeAdapter(Summary)
"""Reads a summary that was kept; one of an earlier version lacks what's NotRequired."""


def summarise(outcome: Outcome) -> Summary:
    """The outcome as the contract's `run --json` (section 4), refusals and notes added."""
    counts = outcome.counts
    return {
        "run_id": outcome.run_id,
        "night": outcome.night,
        "state": outcome.state,
        "exit_code": outcome.exit_code,
        "published": str(outcome.published.database) if outcome.published else None,
        "indices": [dict(row) for row in outcome.indices],
        "workbooks": {
            "read": counts["workbooks_read"],
            "unchanged": counts["workbooks_unchanged"],
            "failed": [cast("Failed", asdict(failure)) for failure in outcome.failures],
        },
        "rows": {
            "read": counts["rows_read"],
            "accepted": counts["rows_accepted"],
            "rejected": counts["rows_rejected"],
            "blank": counts["rows_blank"],
        },
        "api_calls": counts["api_calls"],
        "refused": [{"institution_code": code, "reason": reason} for code, reason in outcome.refused.items()],
        "notes": list(outcome.notes),
        "feedback": asdict(outcome.feedback) if outcome.feedback else None,
        "error": outcome.error,
    }


def failure(night: date | None, error: str, exit_code: int) -> Summary:
    """A run that ended in an error before it had an outcome, in the same shape."""
    return {
        "run_id": None,
        "night": night,
        "state": "failed",
        "exit_code": exit_code,
        "published": None,
        "indices": [],
        "workbooks": {"read": 0, "unchanged": 0, "failed": []},
        "rows": {"read": 0, "accepted": 0, "rejected": 0, "blank": 0},
        "api_calls": 0,
        "refused": [],
        "notes": [],
        "feedback": None,
        "error": error,
    }


def keep_summary(settings: Settings, summary: Summary) -> None:
    """Keep what came of a run where `status` finds it: a run that published nothing leaves no other trace to read."""
    path = _summary_path(settings)
    private = path.with_suffix(".new")
    told = {**summary, "ended_at": datetime.now(UTC).isoformat(timespec="seconds")}
    private.write_text(json.dumps(told, ensure_ascii=False, default=str), encoding="utf-8")
    private.chmod(0o600)
    os.replace(private, path)


def read_summary(settings: Settings) -> Summary | None:
    """What came of the last run, None before the first; raises ConfigurationError where that can't be told."""
    path = _summary_path(settings)
    try:
        return _KEPT.validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(unreadable(path, error)) from error
    except ValidationError as error:
        raise ConfigurationError(f"{path} is damaged. The next run writes it anew: spbe-etl run") from error


def last_summary(settings: Settings) -> Summary | None:
    """The same for those who can do without: None too where it can't be told."""
    try:
        return read_summary(settings)
    except SpbeError as error:
        log.warning("what came of the last run isn't known: %s", error)
        return None


def _summary_path(settings: Settings) -> Path:
    return settings.data_dir / "last_run.json"
