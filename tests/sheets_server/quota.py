"""Google's quotas: requests in any sixty seconds, per user and per project, reads and writes apart."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping

from .clock import Clock, RealClock
from .errors import ApiError, too_many

WINDOW_SECONDS = 60.0
_METRICS: Mapping[str, tuple[str, str]] = {
    "sheets.read": ("sheets.googleapis.com", "Read requests"),
    "sheets.write": ("sheets.googleapis.com", "Write requests"),
    "drive": ("drive.googleapis.com", "Queries"),
}


class Quota:
    """Counts at arrival; a refused request doesn't count."""

    def __init__(
        self,
        reads_per_minute_user: int = 60,
        writes_per_minute_user: int = 60,
        per_minute_project: int = 300,
        clock: Clock | None = None,
        drive_per_minute_user: int | None = None,
    ) -> None:
        self.clock: Clock = clock or RealClock()
        self.refused = 0
        self._user = {
            "sheets.read": reads_per_minute_user,
            "sheets.write": writes_per_minute_user,
            "drive": drive_per_minute_user,
        }
        self._project = {"sheets.read": per_minute_project, "sheets.write": per_minute_project, "drive": None}
        self._counted: dict[tuple[str, str], deque[float]] = {}
        self._lock = threading.Lock()

    def refusal(self, account: str, kind: str) -> ApiError | None:
        """None, and the request is counted; or the 429 to answer."""
        if kind not in _METRICS:
            return None
        service, metric = _METRICS[kind]
        with self._lock:
            now = self.clock.now()
            user, project = self._window(account, kind, now), self._window("", kind, now)
            for counted, limit, whose in (
                (user, self._user[kind], "per minute per user"),
                (project, self._project[kind], "per minute"),
            ):
                if limit is not None and len(counted) >= limit:
                    self.refused += 1
                    return too_many(service, metric, f"{metric} {whose}", limit)
            user.append(now)
            project.append(now)
        return None

    def _window(self, account: str, kind: str, now: float) -> deque[float]:
        counted = self._counted.setdefault((account, kind), deque())
        while counted and counted[0] <= now - WINDOW_SECONDS:
            counted.popleft()
        return counted
