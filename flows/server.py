"""What a flow run gets from its Prefect server: secret blocks, and its turn among all workers.

The server keeps the rates of the Google project and of each account as global concurrency limits with slot decay
(`spbe-google-read`, `spbe-google-read-<account>` and the same for writes), set anew from the settings of each run.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from threading import Lock

import httpx
from prefect.blocks.system import Secret
from prefect.client.orchestration import get_client
from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError
from prefect.concurrency.sync import rate_limit
from prefect.exceptions import PrefectException
from prefect.settings import PREFECT_API_URL

from spbe_etl.composition import GOOGLE, Outside
from spbe_etl.errors import ConfigurationError
from spbe_etl.google.quota import alone
from spbe_etl.settings import Settings

SECONDS_A_MINUTE = 60
BURST = 10
"""Calls that may go out at once after a rest; the rest of the minute's share trickles in, so no minute has more.
As many are kept back for calls that got their turn and then waited for their own throttle's."""
LONGEST_TURN_SECONDS = 300
LONGEST_NAME = 80


def around_flow(settings: Settings) -> Outside:
    """Secrets by Prefect blocks; the shared rate where a server outlives this run, so that others share it too."""
    if settings.source != GOOGLE or not PREFECT_API_URL.value():
        return Outside(read_secret, alone)
    return Outside(read_secret, Turns(settings))


@dataclass
class Turns:
    """Waits until the project and the account have room for one more call; an OSError where the server can't say."""

    settings: Settings
    kept: set[str] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)

    def __call__(self, kind: str, account: str) -> None:
        """Wait for one `read` or `write` of an account."""
        per_minute = self.settings.google_reads_per_minute if kind == "read" else self.settings.google_writes_per_minute
        limits = {
            f"spbe-google-{kind}": self.settings.google_project_per_minute,
            f"spbe-google-{kind}-{hashlib.sha256(account.encode()).hexdigest()[:12]}": per_minute,
        }
        try:
            with self.lock:
                for name, rate in limits.items():
                    if name not in self.kept:
                        keep_limit(name, rate)
                        self.kept.add(name)
            rate_limit(list(limits), timeout_seconds=LONGEST_TURN_SECONDS, strict=True)
        except (PrefectException, ConcurrencySlotAcquisitionError, httpx.HTTPError) as error:
            raise ConnectionError(f"the Prefect server can't give a turn: {type(error).__name__}") from error


def keep_limit(name: str, per_minute: int) -> None:
    """Make or set a limit: never more than `per_minute` in a minute, unless that's below one."""
    burst = max(1, min(BURST, per_minute // 3))
    decay = max(per_minute - 2 * burst, 0.5) / SECONDS_A_MINUTE
    with get_client(sync_client=True) as client:
        client.upsert_global_concurrency_limit_by_name(name, burst, slot_decay_per_second=decay)


def read_secret(name: str) -> str:
    """The text of a Secret block; raises ConfigurationError."""
    try:
        block = Secret.load(name)
    except httpx.HTTPError as error:
        raise ConfigurationError(
            f"The Prefect server can't be asked for its Secret blocks: {type(error).__name__}"
        ) from None
    except (ValueError, PrefectException):
        raise ConfigurationError(
            "There's no such Prefect Secret block"
            + (f": {name}" if name.replace("-", "").isalnum() and len(name) <= LONGEST_NAME else "")
            + ". Make it: prefect block create secret"
        ) from None
    value = block.get()  # type: ignore[union-attr]
    return value if isinstance(value, str) else json.dumps(value)
