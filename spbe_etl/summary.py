"""An outcome as plain values: what `run --json` prints, what a flow returns, what `status` recalls."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from spbe_etl.runs import Outcome
from spbe_etl.settings import Settings

ADDED = frozenset({"error", "ended_at"})
"""What summaries of earlier versions lack."""


def summarise(outcome: Outcome) -> dict[str, Any]:
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
            "failed": [asdict(failure) for failure in outcome.failures],
        },
        "rows": {name: counts[f"rows_{name}"] for name in ("read", "accepted", "rejected", "blank")},
        "api_calls": counts["api_calls"],
        "refused": [{"institution_code": code, "reason": reason} for code, reason in outcome.refused.items()],
        "notes": list(outcome.notes),
        "feedback": asdict(outcome.feedback) if outcome.feedback else None,
        "error": outcome.error,
    }


def failure(night: date | None, error: str, exit_code: int) -> dict[str, Any]:
    """A run that ended in an error before it had an outcome, in the same shape."""
    return {
        "run_id": None,
        "night": night,
        "state": "failed",
        "exit_code": exit_code,
        "published": None,
        "indices": [],
        "workbooks": {"read": 0, "unchanged": 0, "failed": []},
        "rows": dict.fromkeys(("read", "accepted", "rejected", "blank"), 0),
        "api_calls": 0,
        "refused": [],
        "notes": [],
        "feedback": None,
        "error": error,
    }


def keep_summary(settings: Settings, summary: dict[str, Any]) -> None:
    """Keep what came of a run where `status` finds it: a run that published nothing leaves no other trace to read."""
    path = _summary_path(settings)
    private = path.with_suffix(".new")
    told = {**summary, "ended_at": datetime.now(UTC).isoformat(timespec="seconds")}
    private.write_text(json.dumps(told, ensure_ascii=False, default=str), encoding="utf-8")
    private.chmod(0o600)
    os.replace(private, path)


def last_summary(settings: Settings) -> dict[str, Any] | None:
    """What came of the last run, or None if there's none to be read."""
    try:
        summary: Any = json.loads(_summary_path(settings).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return summary if isinstance(summary, dict) and failure(None, "", 0).keys() - ADDED <= summary.keys() else None


def _summary_path(settings: Settings) -> Path:
    return settings.data_dir / "last_run.json"
