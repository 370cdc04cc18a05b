"""What the Prefect server does by itself: a run whose process went silent is closed as crashed."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import StateType
from prefect.events import EventTrigger, Posture, ResourceSpecification
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore
from prefect.settings import PREFECT_API_URL

from spbe_etl.errors import ConfigurationError

SILENT_FOR = timedelta(minutes=5)


def silent_runs() -> AutomationCore:
    """No heartbeat for minutes after one, and no end either: the process is gone."""
    return AutomationCore(
        name="spbe: close runs that went silent",
        description="A run that sends no heartbeat for five minutes lost its host; crashed, it can be made up for.",
        trigger=EventTrigger(
            posture=Posture.Proactive,
            after={"prefect.flow-run.heartbeat"},
            expect={"prefect.flow-run.*"},  # its end too, whatever that is called
            match=ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"}),
            match_related=ResourceSpecification(
                {"prefect.resource.role": "tag", "prefect.resource.id": "prefect.tag.spbe"}
            ),
            for_each={"prefect.resource.id"},
            threshold=1,
            within=SILENT_FOR,
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.CRASHED, name="Crashed", message="No heartbeat for five minutes", force=False
            )
        ],
    )


async def set_automations(client: PrefectClient) -> list[str]:
    """Make them, or set them anew by their names; returns the names."""
    wanted = [silent_runs()]
    for one in wanted:
        known = await client.read_automations_by_name(one.name)
        if known:
            await client.update_automation(known[0].id, one)
        else:
            await client.create_automation(one)
        for twin in known[1:]:
            await client.delete_automation(twin.id)
    return [one.name for one in wanted]


def set_up() -> list[str]:
    """The same, on the server that PREFECT_API_URL names; raises ConfigurationError where none answers."""

    async def there() -> list[str]:
        async with get_client() as client:
            return await set_automations(client)

    try:
        return asyncio.run(there())
    except httpx.HTTPError as error:
        raise ConfigurationError(
            f"No Prefect server answers at {PREFECT_API_URL.value()}. "
            f"Start one with spbe-etl serve, or set PREFECT_API_URL."
        ) from error
