"""An outcome as plain values: what `run --json` prints and what a flow returns."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from spbe_etl.night import Outcome


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
    }
