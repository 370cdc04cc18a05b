"""The service on one host: a Prefect server, the deployments, and order after whatever happened before.

One service at a time for a data directory (a lock that dies with its process). So at its start every run that still
calls itself running belongs to a dead process, and is closed; a night that was missed is made up for by one run.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
from filelock import FileLock, Timeout
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    TaskRunFilter,
    TaskRunFilterState,
    TaskRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.exceptions import ObjectNotFound
from prefect.runner import Runner
from prefect.settings import PREFECT_API_URL
from prefect.states import Cancelled, Crashed
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_delay, wait_fixed

from flows.automations import set_automations
from flows.deployments import DEPLOYMENT, deployments
from flows.server import around_flow
from spbe_etl.composition import hold_lock, zone_of_source
from spbe_etl.errors import BusyError, ConfigurationError, SpbeError
from spbe_etl.folders import make_folder
from spbe_etl.schedule import NIGHTLY, load_schedule, night_of, published_institutions, published_since, zone_of
from spbe_etl.settings import Settings, pin_timezone

log = logging.getLogger(__name__)

SERVER_SECONDS = 180
UNDER_WAY = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
PAGE = 200
MADE_UP = "made-up"


@dataclass(frozen=True)
class Service:
    """A service of one data directory. `host`, `port`: of its Prefect server, unless PREFECT_API_URL names another."""

    settings: Settings
    host: str = "127.0.0.1"
    port: int = 4200
    own_server: bool = True

    def run(self) -> None:
        """Serve until told to stop; raises ConfigurationError where another does already, or the server dies."""
        with _alone(self.settings):
            asyncio.run(self._serve())

    async def _serve(self) -> None:
        told = asyncio.Event()
        _listen(told)
        work, stop = asyncio.create_task(self._work(told)), asyncio.create_task(told.wait())
        await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
        for one in (work, stop):
            one.cancel()
        await asyncio.wait({work, stop})
        if not work.cancelled():
            work.result()

    async def _work(self, told: asyncio.Event) -> None:
        async with _server(self) as server:
            runner = Runner(name="spbe-etl", pause_on_shutdown=False, limit=None)
            zone = await asyncio.to_thread(service_zone, self.settings)
            pin_timezone(zone.key)
            planned = await asyncio.to_thread(deployments, self.settings, zone)
            ids = [await runner.aadd_deployment(one) for one in planned]
            await _wait_for_run(self.settings)
            async with get_client() as client:
                await set_automations(client)
                await tidy(client, ids)
                await make_up(client, self.settings, zone, datetime.now(UTC))
            log.info("serving %s in %s; UI at %s", self.settings.data_dir, zone.key, ui_url())
            serving = asyncio.create_task(runner.start())
            try:
                await asyncio.sleep(0)
                _listen(told)  # again: the runner has set a handler of its own, which leaves the server behind
                await asyncio.wait({serving, server}, return_when=asyncio.FIRST_COMPLETED)
                if serving.done():
                    serving.result()
                raise ConfigurationError("The Prefect server has stopped; its words are above. Start again.")
            finally:
                serving.cancel()
                await asyncio.wait({serving})


def _listen(told: asyncio.Event) -> None:
    """SIGTERM and Ctrl+C end the service in order."""
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, told.set)


def service_zone(settings: Settings) -> ZoneInfo:
    """The zone of the schedule: the setting's, what's published says, or the register's; Jakarta's at worst."""
    published = published_institutions(settings)
    if not settings.timezone and not published:
        try:
            return zone_of_source(settings, around_flow(settings)) or zone_of(settings, published)
        except SpbeError as error:
            log.warning("the register can't be read yet, so its zone isn't known: %s", error)
    return zone_of(settings, published)


def ui_url() -> str:
    """Where people look."""
    return (PREFECT_API_URL.value() or "").removesuffix("/api")


async def tidy(client: PrefectClient, deployment_ids: Iterable[UUID]) -> None:
    """Close what a dead service left: runs under way crash; those of the schedule that nobody started are cancelled.

    What somebody asked for is still done, late as it is.
    """
    ours = DeploymentFilter(id=DeploymentFilterId(any_=list(deployment_ids)))
    for run in await _runs(client, ours, UNDER_WAY):
        await _crash(client, run)
    now = datetime.now(UTC)
    for run in await _runs(client, ours, [StateType.SCHEDULED]):
        is_ours = run.auto_scheduled or MADE_UP in run.tags
        if is_ours and run.expected_start_time and run.expected_start_time <= now:
            await client.set_flow_run_state(
                run.id,
                Cancelled(message="Missed: the service was down."),
                force=True,
            )


async def make_up(client: PrefectClient, settings: Settings, zone: ZoneInfo, now: datetime) -> None:
    """One run for the latest night that was due, unless that one is published."""
    due = load_schedule(settings, zone)[NIGHTLY].last_until(now)
    if published_since(settings, due):
        return
    deployment = await client.read_deployment_by_name(f"{NIGHTLY}/{DEPLOYMENT}")
    run = await client.create_flow_run_from_deployment(
        deployment.id, parameters={"night": night_of(due).isoformat()}, tags=[MADE_UP]
    )
    log.info(
        "night %s isn't published yet; a run makes up for it: %s/runs/flow-run/%s", night_of(due), ui_url(), run.id
    )


async def _runs(client: PrefectClient, ours: DeploymentFilter, states: list[StateType]) -> list[FlowRun]:
    found: list[FlowRun] = []
    chosen = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=states)))
    while page := await client.read_flow_runs(
        deployment_filter=ours, flow_run_filter=chosen, limit=PAGE, offset=len(found)
    ):
        found += page
    return found


async def _crash(client: PrefectClient, run: FlowRun) -> None:
    state: State[Any] = Crashed(message="The host or the service stopped in the middle of this run.")
    tasks = await client.read_task_runs(
        flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run.id])),
        task_run_filter=TaskRunFilter(state=TaskRunFilterState(type=TaskRunFilterStateType(any_=UNDER_WAY))),
    )
    for one in tasks:
        await client.set_task_run_state(one.id, state, force=True)
    await client.set_flow_run_state(run.id, state, force=True)
    log.warning("closed run %s, which a dead service left %s", run.name, run.state_name)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    make_folder(settings.data_dir)
    try:
        with FileLock(settings.data_dir / ".serve.lock", timeout=0):
            yield
    except Timeout as error:
        raise BusyError(f"{settings.data_dir} is served already. Look at it with: spbe-etl status") from error


async def _wait_for_run(settings: Settings) -> None:
    """A run that outlived its service may still end well: wait for it."""

    def tell(state: RetryCallState) -> None:
        if state.attempt_number == 1:
            log.info("a run is at work in %s; waiting for its end", settings.data_dir)

    async for attempt in AsyncRetrying(retry=retry_if_exception_type(BusyError), wait=wait_fixed(1), before_sleep=tell):
        with attempt, hold_lock(settings, 0):
            pass


async def _refuse_another_folders(settings: Settings) -> None:
    """A server has one set of our deployments: joining that of another data directory would take its nights away."""
    async with get_client() as client:
        try:
            served = await client.read_deployment_by_name(f"{NIGHTLY}/{DEPLOYMENT}")
        except ObjectNotFound:
            return
    there = served.parameters.get("data_dir")
    if there not in (None, str(settings.data_dir.resolve())):
        raise ConfigurationError(f"The Prefect server at {ui_url()} serves {there}. Choose another one with --port.")


@asynccontextmanager
async def _server(service: Service) -> AsyncIterator[asyncio.Future[Any]]:
    """The Prefect server that the settings name: ours, started here unless it's there already. Done when it dies."""
    if not service.own_server or await _answers():
        await _until_it_answers()
        await _refuse_another_folders(service.settings)
        log.info("using the Prefect server at %s", ui_url())
        yield asyncio.get_running_loop().create_future()
        return
    _check_free(service.host, service.port)
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", service.host, "--port", str(service.port)]
    silent = asyncio.subprocess.DEVNULL
    server = await asyncio.create_subprocess_exec(*command, stdin=silent, stdout=silent)
    died, up = asyncio.create_task(server.wait()), asyncio.create_task(_until_it_answers())
    try:
        await asyncio.wait({died, up}, return_when=asyncio.FIRST_COMPLETED)
        if died.done():
            raise ConfigurationError(
                f"The Prefect server can't start on {service.host}:{service.port}; its words are above."
            )
        await up
        yield died
    finally:
        up.cancel()
        if server.returncode is None:
            server.terminate()
        await died


def _check_free(host: str, port: int) -> None:
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as error:
        raise ConfigurationError(
            f"{host}:{port} can't be used ({error.strerror}). Choose another with --port."
        ) from error


async def _answers() -> bool:
    try:
        await _ask_health()
    except httpx.HTTPError:
        return False
    return True


async def _ask_health() -> None:
    async with httpx.AsyncClient(timeout=5) as client:
        (await client.get(f"{PREFECT_API_URL.value()}/health")).raise_for_status()


async def _until_it_answers() -> None:
    try:
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(httpx.HTTPError),
            stop=stop_after_delay(SERVER_SECONDS),
            wait=wait_fixed(0.3),
            reraise=True,
        ):
            with attempt:
                await _ask_health()
    except httpx.HTTPError as error:
        raise ConfigurationError(
            f"The Prefect server at {PREFECT_API_URL.value()} doesn't answer ({type(error).__name__}). "
            f"Start it, or unset PREFECT_API_URL to have one started here."
        ) from error
