"""The schedule as Prefect deployments: one definition, for `serve` on one host and for work pools (`prefect.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import yaml
from prefect import Flow
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.events import DeploymentEventTrigger, ResourceSpecification
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from flows.nightly import nightly
from flows.upkeep import access, backfill, feedback, reminder, watch
from spbe_etl import __version__
from spbe_etl.composition import GOOGLE
from spbe_etl.schedule import NIGHTLY, Planned, load_schedule, published_institutions
from spbe_etl.settings import Settings

FLOWS: Mapping[str, Flow[..., Any]] = {one.name: one for one in (nightly, feedback, watch, access, reminder, backfill)}
DEPLOYMENT = "spbe"
"""Every deployment's name, after its flow's: `nightly/spbe`."""
WITH_SOURCE = frozenset({NIGHTLY, "access"})
MOST_TAGS = 3
UNHAPPY_ENDS = ("prefect.flow-run.Failed", "prefect.flow-run.Crashed", "prefect.flow-run.TimedOut")
YAML_HEAD = """\
# The schedule for work pools and workers, from the same definition as `spbe-etl serve`:
#   spbe-etl serve --yaml > prefect.yaml      (in the institution's zone)
#   prefect work-pool create spbe --type process
#   prefect --no-prompt deploy --all
#   prefect worker start --pool spbe --install-policy never
# Where data are and where they come from: SPBE_DATA_DIR, SPBE_SOURCE ... in the worker's environment.
"""


def deployments(settings: Settings, zone: ZoneInfo) -> list[RunnerDeployment]:
    """One deployment per flow, with what the service was started with as parameters: plain values, never a secret."""
    return [_deployment(settings, planned) for planned in load_schedule(settings, zone).values()]


def as_yaml(settings: Settings, zone: ZoneInfo) -> str:
    """A `prefect.yaml` that says the same for a work pool."""
    told = {
        "name": "spbe-etl",
        "deployments": [_yaml(planned) for planned in load_schedule(settings, zone).values()],
    }
    text: str = yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=120)
    return YAML_HEAD + text


def _deployment(settings: Settings, planned: Planned) -> RunnerDeployment:
    parameters = {"data_dir": str(settings.data_dir.resolve())}
    if planned.name in WITH_SOURCE:
        source = settings.source
        parameters["source"] = source if source in ("", GOOGLE) else str(Path(source).resolve())
    made = FLOWS[planned.name].to_deployment(
        name=DEPLOYMENT,
        schedules=[Cron(planned.cron, timezone=planned.zone.key, slug=planned.name)],
        concurrency_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE),
        parameters=parameters,
        triggers=[_when_a_night_fails()] if planned.name == "watch" else [],
        description=planned.about,
        tags=_tags(settings),
        version=__version__,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    return cast("RunnerDeployment", made)  # a coroutine only where an event loop runs


OF_A_NIGHT: dict[str, str | list[str]] = {"prefect.resource.role": "flow", "prefect.resource.name": NIGHTLY}


def _when_a_night_fails() -> DeploymentEventTrigger:
    """Look at once, not at the next hour."""
    return DeploymentEventTrigger(
        name="spbe: look when a night fails",
        expect=set(UNHAPPY_ENDS),
        match_related=ResourceSpecification(OF_A_NIGHT),
        within=timedelta(0),
    )


def _tags(settings: Settings) -> list[str]:
    codes = [row["institution_code"] for row in published_institutions(settings)]
    return ["spbe", *(codes if len(codes) <= MOST_TAGS else ())]


def _yaml(planned: Planned) -> dict[str, Any]:
    flow = FLOWS[planned.name]
    entry: dict[str, Any] = {
        "name": DEPLOYMENT,
        "entrypoint": f"{flow.fn.__module__}.{flow.fn.__name__}",
        "description": planned.about,
        "tags": ["spbe"],
        "version": __version__,
        "concurrency_limit": {"limit": 1, "collision_strategy": "ENQUEUE"},
        "schedules": [{"cron": planned.cron, "timezone": planned.zone.key, "slug": planned.name}],
        "work_pool": {"name": DEPLOYMENT},
    }
    if planned.name == "watch":
        trigger = _when_a_night_fails()
        entry["triggers"] = [
            {
                "name": trigger.name,
                "type": "event",
                "expect": list(UNHAPPY_ENDS),
                "match_related": dict(OF_A_NIGHT),
            }
        ]
    return entry
