"""What a flow run gets from its Prefect server: secret blocks, and its turn among all workers.

The rate of the Google project is kept by the server as global concurrency limits with slot decay, named
`spbe-google-read` and `spbe-google-write`; whoever runs first makes them from the settings.
"""

from __future__ import annotations

import json

from prefect.blocks.system import Secret
from prefect.client.orchestration import get_client
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
As many are kept back for calls that got their turn and then waited for their own account's."""


def around_flow(settings: Settings) -> Outside:
    """Secrets by Prefect blocks; the shared rate where a server outlives this run, so that others share it too."""
    if settings.source != GOOGLE or not PREFECT_API_URL.value():
        return Outside(read_secret, alone)
    _keep_limits(settings.google_project_per_minute)
    return Outside(read_secret, wait_turn)


def wait_turn(kind: str) -> None:
    """Wait until the project has room for one more `read` or `write`."""
    rate_limit(_limit_name(kind), strict=True)


def read_secret(name: str) -> str:
    """The text of a Secret block; raises ConfigurationError."""
    try:
        block = Secret.load(name)
    except (ValueError, PrefectException):
        raise ConfigurationError(
            f"There's no Prefect Secret block named {name}. Make it: prefect block create secret"
        ) from None
    value = block.get()  # type: ignore[union-attr]
    return value if isinstance(value, str) else json.dumps(value)


def _limit_name(kind: str) -> str:
    return f"spbe-google-{kind}"


def _keep_limits(per_minute: int) -> None:
    burst = min(BURST, per_minute)
    decay = max(per_minute - 2 * burst, 1) / SECONDS_A_MINUTE
    with get_client(sync_client=True) as client:
        for kind in ("read", "write"):
            client.upsert_global_concurrency_limit_by_name(_limit_name(kind), burst, slot_decay_per_second=decay)
