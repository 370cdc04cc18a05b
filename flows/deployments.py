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
    codes = [row["institution_code"] for row in published_institutions(settings)]
    tags = ["spbe", *(codes if len(codes) <= MOST_TAGS else ())]
    return [_deployment(settings, planned, tags) for planned in load_schedule(settings, zone).values()]


def as_yaml(settings: Settings, zone: ZoneInfo) -> str:
    """A `prefect.yaml` that says the same for a work pool; parameters are the worker's environment there."""
    told = {"name": "spbe-etl", "deployments": [_as_entry(one) for one in deployments(settings, zone)]}
    text: str = yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=120)
    return YAML_HEAD + text


def _deployment(settings: Settings, planned: Planned, tags: list[str]) -> RunnerDeployment:
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
        tags=tags,
        version=__version__,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    return cast("RunnerDeployment", made)  # a coroutine only where an event loop runs


def _when_a_night_fails() -> DeploymentEventTrigger:
    """Look at once, not at the next hour."""
    return DeploymentEventTrigger(
        name="spbe: look when a night fails",
        expect=set(UNHAPPY_ENDS),
        match_related=ResourceSpecification({"prefect.resource.role": "flow", "prefect.resource.name": NIGHTLY}),
        within=timedelta(0),
    )


def _as_entry(one: RunnerDeployment) -> dict[str, Any]:
    """A deployment as `prefect.yaml` has it."""
    told = one.model_dump(mode="json")
    entry = {name: told[name] for name in ("name", "entrypoint", "description", "tags", "version")}
    strategy = told["concurrency_options"]["collision_strategy"]
    entry["concurrency_limit"] = {"limit": told["concurrency_limit"], "collision_strategy": strategy}
    entry["schedules"] = [
        {"cron": made["schedule"]["cron"], "timezone": made["schedule"]["timezone"], "slug": made["slug"]}
        for made in told["schedules"]
    ]
    entry["work_pool"] = {"name": DEPLOYMENT}
    if told["triggers"]:
        names = ("name", "type", "expect", "match_related")
        triggers = [{name: made[name] for name in names} for made in told["triggers"]]
        entry["triggers"] = [{**made, "expect": sorted(made["expect"])} for made in triggers]
    return entry
