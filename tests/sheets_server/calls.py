"""What a server remembers of each request, and the faults that a test may have it commit."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

KINDS = frozenset(
    {
        "429",
        "429_retry_after",
        "500",
        "502",
        "503",
        "408",
        "slow",
        "drip",
        "cut",
        "cut_chunked",
        "refuse",
        "invalid_json",
        "html",
        "empty",
        "expired_token",
        "revoked",
        "changes",
        "drive_rate_limit",
        "service_disabled",
    }
)
AT_THE_DOOR = frozenset(
    {"429", "429_retry_after", "408", "refuse", "expired_token", "drive_rate_limit", "502", "service_disabled"}
)
"""Answered before anyone looks at the token or counts the request."""


@dataclass
class Call:
    """One request. `status` is 0 where no answer was sent; `kind`: token, drive, sheets.read, sheets.write, unknown."""

    method: str
    path: str
    query: dict[str, list[str]]
    kind: str
    account: str | None
    at: float
    status: int = 0
    fault: str | None = None
    reason: str = ""
    """Of a refusal: Google's status or reason."""


Match = str | Callable[[Call], bool] | None


@dataclass
class Fault:
    """Something that goes wrong for the next `times` requests that match (math.inf: for all of them).

    `match`: None (any call but token calls), a string found in the path, or a function of the Call.
    `change`: with "changes", what happens to the spreadsheet after its answer was made; else it's touched.
    """

    kind: str
    match: Match = None
    times: float = 1
    retry_after: float | None = None
    delay: float | None = None
    change: Callable[[Call], object] | None = None
    left: float = field(init=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of fault: {self.kind}")
        self.left = self.times

    def fits(self, call: Call) -> bool:
        if self.match is None:
            return call.kind != "token"
        if isinstance(self.match, str):
            return self.match in call.path
        return self.match(call)


class Faults(list[Fault]):
    """The faults still to come, taken in order as matching requests arrive."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    def take(self, call: Call) -> Fault | None:
        with self._lock:
            for fault in list(self):
                if fault.fits(call):
                    fault.left -= 1
                    if fault.left <= 0:
                        self.remove(fault)
                    return fault
        return None
