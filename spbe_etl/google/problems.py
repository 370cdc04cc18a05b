"""What Google's refusals mean, in words for people. The texts: `seeds/google_problem.csv`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from spbe_etl.errors import SourceError
from spbe_etl.resources import seed

LONGEST_DETAIL = 120


class GoogleRefusedError(SourceError):
    """Google answered that it won't: asking again would give the same. `status` as in the seed file."""

    def __init__(self, message: str, status: str, reason: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


class GoogleUnreachableError(SourceError):
    """No usable answer, however often we asked. `may_be_done`: a change may have been made all the same."""

    def __init__(self, message: str, *, may_be_done: bool = False) -> None:
        super().__init__(message)
        self.may_be_done = may_be_done


@cache
def _texts() -> Mapping[tuple[str, str], str]:
    return {(row["status"], row["reason"]): row["message"] for row in seed("google_problem")}


def problem_text(subject: str, status: str, reason: str = "*", **words: str) -> str:
    """One line (Bahasa): what it's about, what's wrong, what to do."""
    texts = _texts()
    text = texts.get((status, reason)) or texts.get((status, "*")) or texts["*", "*"]
    filled = {"account": "", "detail": status, "role": "", **words}
    return f"{subject}: {text.format_map({name: _short(word) for name, word in filled.items()})}"


def refusal_reason(error: Mapping[str, Any]) -> str:
    """The most telling code in a Google error object: of its details, its list of errors, or its status."""
    for group in (error.get("details"), error.get("errors")):
        for one in group if isinstance(group, list) else ():
            if isinstance(one, dict) and isinstance(one.get("reason"), str):
                return str(one["reason"])
    return str(error.get("status", ""))


def _short(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST_DETAIL]
