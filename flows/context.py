"""What a flow run knows of itself: its settings, when it was due, what to call it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.runtime import deployment, flow_run

from spbe_etl.errors import SpbeError
from spbe_etl.registers import DEFAULT_ZONE
from spbe_etl.schedule import NIGHTLY, Planned, load_schedule, published_institutions, zone_of
from spbe_etl.settings import Settings, settings_with

Ended = State[Any]
"""How a flow ends: a state with its message."""
MOST_NAMED = 3
LONGEST_MESSAGE = 500
"""Of a state, in characters."""


def settings_of(source: str | None, data_dir: str | None) -> Settings:
    """The settings of the environment, with what a run's parameters give; raises ConfigurationError."""
    return settings_with(source=source, data_dir=data_dir)


def run_name() -> str:
    """Flow, institutions as far as they're known, and night: `nightly 73.01 2026-11-24`."""
    given = flow_run.parameters
    on, codes = given.get("night"), list[str]()
    try:
        settings = settings_of(given.get("source"), given.get("data_dir"))
        published = published_institutions(settings)
        planned = load_schedule(settings, zone_of(settings, published))[NIGHTLY]
        codes = [row["institution_code"] for row in published]
        on = on or (due_of(planned) or datetime.now(planned.zone)).date()
    except SpbeError:  # what's wrong is said by the run itself
        on = on or datetime.now(ZoneInfo(DEFAULT_ZONE)).date()
    names = ", ".join(codes) if len(codes) <= MOST_NAMED else f"{len(codes)} institutions"
    return " ".join(filter(None, (flow_run.flow_name, names, str(on))))


def label() -> str:
    """A run's name without its flow: which institutions and night its steps are of."""
    return str(flow_run.name).removeprefix(f"{flow_run.flow_name} ")


def due_of(planned: Planned) -> datetime | None:
    """When a run that the schedule made is due: the last time that it was meant to run, however late it starts.

    None for a run that somebody asked for.
    """
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    if run is None or not run.auto_scheduled:
        return None
    meant = run.expected_start_time or datetime.now(UTC)
    return max(planned.last_until(datetime.now(UTC)), meant.astimezone(planned.zone))


def is_deployed() -> bool:
    """Whether a service runs this, with nobody looking on."""
    return deployment.id is not None
