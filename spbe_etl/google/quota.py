"""How often we may ask: one throttle for reads and one for writes, shared by all threads of a run.

A quota that's never exceeded needs no retry. Several workers share theirs through `Shared`, which the flow
supplies where a Prefect server keeps count.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from pyrate_limiter import InMemoryBucket, Rate, RateItem

MINUTE_MS = 61_000
"""A minute of Google's, and a second for the way there: a late request and a quick one after it stay apart."""

LONGEST_PAUSE = 32.0

Shared = Callable[[str, str], None]
"""Waits for its turn among all workers; told `read` or `write`, and the account."""


def alone(_kind: str, _account: str) -> None:
    """No other worker to wait for."""


@dataclass(frozen=True)
class Clock:
    """Time as a run sees it, in seconds."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class Throttle:
    """Lets at most `per_minute` calls through in any minute, and none while Google says that it's enough."""

    def __init__(
        self, kind: str, per_minute: int, clock: Clock, shared: Shared = alone, account: str = "", patience: float = 180
    ) -> None:
        self._patience = patience
        self._kind = kind
        self._account = account
        self._bucket = InMemoryBucket([Rate(per_minute, MINUTE_MS)])
        self._clock = clock
        self._shared = shared
        self._lock = threading.Lock()
        self._closed_until = 0.0
        self._pauses = 0

    def wait(self) -> None:
        """Return when one more call may go out. Whoever comes later waits behind."""
        self._shared(self._kind, self._account)
        with self._lock:
            if (left := self._closed_until - self._clock.now()) > 0:
                self._clock.sleep(left)
            while (wait_ms := self._take()) > 0:
                self._clock.sleep(wait_ms / 1000)

    def refused(self, retry_after: float | None) -> bool:
        """Somebody else uses the same quota: all threads pause, longer each time, at least as asked.

        False, and no pause, when the run would have paused for longer than `patience` seconds in all.
        """
        with self._lock:
            now = self._clock.now()
            if now < self._closed_until:
                return True  # sent before the pause began
            pause = max(retry_after or 0.0, min(LONGEST_PAUSE, 2.0**self._pauses))
            if pause > self._patience:
                return False
            self._pauses += 1
            self._patience -= pause
            self._closed_until = now + pause
            return True

    def passed(self) -> None:
        """A call got through: the next pause is a short one again."""
        self._pauses = 0

    def _take(self) -> int:
        """0 and the call counted, or the milliseconds until there's room."""
        now = int(self._clock.now() * 1000)
        self._bucket.leak(now)
        call = RateItem(self._kind, now)
        return 0 if self._bucket.put(call) else max(1, int(self._bucket.waiting(call)))  # type: ignore[arg-type]


class Budget:
    """How many retries a run has left, for all its threads."""

    def __init__(self, retries: int) -> None:
        self._left = retries
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Use one up; False when there's none left."""
        with self._lock:
            self._left -= 1
            return self._left >= 0
