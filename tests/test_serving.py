"""The service's order: what it deploys, closes and makes up for. The whole of it runs in test_service.py."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
import yaml
from conftest import Nights, standing_at
from filelock import FileLock
from prefect import task
from prefect.artifacts import Artifact
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import ArtifactCreate
from prefect.client.schemas.filters import ArtifactFilter, FlowRunFilter, LogFilter
from prefect.client.schemas.objects import FlowRun, State
from prefect.context import FlowRunContext
from prefect.flow_engine import run_flow
from prefect.runner import Runner
from prefect.server.database import provide_database_interface
from prefect.server.services.db_vacuum import vacuum_old_flow_runs
from prefect.server.services.perpetual_services import get_enabled_perpetual_services
from prefect.settings import (
    PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED,
    PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD,
    temporary_settings,
)
from prefect.settings import Settings as PrefectSettings
from prefect.states import Completed, Crashed, Failed, Late, Pending, Running, Scheduled
from sqlalchemy import update
from typer.testing import CliRunner

from flows.automations import set_automations, set_up
from flows.context import due_of
from flows.deployments import FLOWS, as_yaml, deployments
from flows.nightly import nightly
from flows.serving import Service, make_up, tidy
from flows.upkeep import access, backfill, feedback, reminder, watch
from spbe_etl.alerts import keep_check, open_alerts
from spbe_etl.cli.app import app
from spbe_etl.composition import hold_lock
from spbe_etl.errors import BusyError, ConfigurationError
from spbe_etl.publishing import open_publication
from spbe_etl.schedule import NIGHTLY, load_schedule
from spbe_etl.settings import Settings, serve_environment
from spbe_etl.summary import last_summary

MAKASSAR = ZoneInfo("Asia/Makassar")
ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.usefixtures("prefect_server")


def on_server(work: Callable[[PrefectClient], Awaitable[Any]]) -> Any:
    async def there() -> Any:
        async with get_client() as client:
            return await work(client)

    return asyncio.run(there())


@pytest.fixture
def environment() -> Iterator[None]:
    """Whatever is put into the environment is gone afterwards."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


def deploy(settings: Settings) -> dict[str, UUID]:
    return {one.flow_name: one.apply() for one in deployments(settings, MAKASSAR)}


async def change_run(run_id: UUID, **values: object) -> None:
    """Write into the server's database what its API gives nobody to write."""
    database = provide_database_interface()
    async with database.session_context(begin_transaction=True, with_for_update=True) as session:
        await session.execute(update(database.FlowRun).where(database.FlowRun.id == run_id).values(**values))


async def made_by_schedule(client: PrefectClient, deployment_id: UUID, at: datetime) -> FlowRun:
    """A run as the server's scheduler makes it. Asking that for one ends in seconds of 503 where SQLite is busy."""
    made = await client.create_flow_run_from_deployment(deployment_id, state=Scheduled(scheduled_time=at))
    await change_run(made.id, auto_scheduled=True)
    return await client.read_flow_run(made.id)


def test_redeploying_keeps_one_schedule_each_and_nothing_secret(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path, source="google", google_credentials="kunci.json", alert_urls="mailto://u:rahasia@x"
    )
    first = deploy(settings)
    assert deploy(settings) == first
    assert set(first) == set(FLOWS)

    async def read(client: PrefectClient) -> list[Any]:
        return [await client.read_deployment(one) for one in first.values()]

    for one in on_server(read):
        (schedule,) = one.schedules
        assert schedule.slug in FLOWS
        assert schedule.schedule.timezone == "Asia/Makassar"
        assert schedule.schedule.cron == load_schedule(settings, MAKASSAR)[schedule.slug].cron
        assert one.concurrency_options.collision_strategy.value == "ENQUEUE"
        assert one.global_concurrency_limit.limit == 1
        assert set(one.parameters) <= {"data_dir", "source"}
        assert one.parameters["data_dir"] == str(tmp_path)
        properties = one.parameter_openapi_schema["properties"]
        assert all(about.get("description") for about in properties.values()), "documented in the UI"
        assert "rahasia" not in str(one.model_dump())


def test_the_file_for_work_pools_says_the_same(tmp_path: Path) -> None:
    text = (ROOT / "prefect.yaml").read_text(encoding="utf-8")
    assert text == as_yaml(Settings(data_dir=tmp_path), MAKASSAR), "make it again: spbe-etl serve --yaml"
    told = {one["entrypoint"].rpartition(".")[2]: one for one in yaml.safe_load(text)["deployments"]}
    for one in deployments(Settings(data_dir=tmp_path, source="s"), MAKASSAR):
        assert one.entrypoint == told[one.flow_name]["entrypoint"]
        assert one.schedules
        assert one.schedules[0].schedule.cron == told[one.flow_name]["schedules"][0]["cron"]
        assert one.concurrency_limit == told[one.flow_name]["concurrency_limit"]["limit"]


def test_runs_of_a_dead_service_are_closed_and_no_others(tmp_path: Path) -> None:
    """Of runs that are late, what somebody asked for is still done; what the schedule or a service made is not."""
    ids = deploy(Settings(data_dir=tmp_path, source=str(tmp_path)))
    past, hour = datetime.now(UTC) - timedelta(days=3), datetime.now(UTC) + timedelta(hours=1)
    wanted = {
        "running": Running(),
        "pending": Pending(),
        "late": Late(scheduled_time=past),
        "made up": Late(scheduled_time=past),
        "future": Scheduled(scheduled_time=hour),
        "done": Completed(),
    }

    async def story(client: PrefectClient) -> dict[str, FlowRun]:
        runs = {
            name: await client.create_flow_run_from_deployment(
                ids[NIGHTLY],
                state=Scheduled(scheduled_time=hour if name == "future" else past),
                tags=["made-up"] if name == "made up" else [],
            )
            for name in wanted
        }
        other = await client.create_flow_run(nightly, state=Running())
        load = task(lambda: None, name="load")
        under_way = await client.create_task_run(load, runs["running"].id, "0", state=Running())
        for name, state in wanted.items():
            await client.set_flow_run_state(runs[name].id, state, force=True)
        runs["of the schedule"] = await made_by_schedule(client, ids[NIGHTLY], past)
        await tidy(client, ids.values())
        assert (await client.read_task_run(under_way.id)).state_name == "Crashed"
        assert (await client.read_flow_run(other.id)).state_name == "Running", "not of this service"
        return {name: await client.read_flow_run(one.id) for name, one in runs.items()}

    found = on_server(story)
    assert {name: one.state_name for name, one in found.items()} == {
        "running": "Crashed",
        "pending": "Crashed",
        "late": "Late",
        "made up": "Cancelled",
        "of the schedule": "Cancelled",
        "future": "Scheduled",
        "done": "Completed",
    }
    assert "stopped in the middle" in found["running"].state.message
    assert "service was down" in found["of the schedule"].state.message


def test_a_missed_night_is_made_up_for_by_one_run(run: Nights) -> None:
    ids = deploy(run.settings)
    now = datetime(2026, 11, 25, 1, tzinfo=UTC)  # 09:00 in Makassar, hours after the night was due

    def made() -> list[Any]:
        async def story(client: PrefectClient) -> list[Any]:
            await tidy(client, ids.values())
            await make_up(client, run.settings, MAKASSAR, now)
            found = await client.read_flow_runs(limit=200)
            ours = [one for one in found if one.deployment_id == ids[NIGHTLY] and "made-up" in one.tags]
            return [one for one in ours if one.state_name == "Scheduled"]

        return list(on_server(story))

    (first,) = made()
    assert first.parameters["night"] == "2026-11-25"
    run(standing_at(2, 1, []), now=now - timedelta(hours=8), night=date(2026, 11, 24))
    (second,) = made()
    assert second.id != first.id, "yesterday's night isn't tonight's, and who waited for it gives way"
    run(standing_at(2, 1, []), now=now, night=date(2026, 11, 25))
    assert made() == [], "tonight's is there"


def scheduled_run(at: datetime, is_scheduled: bool = True) -> Any:
    one = FlowRun.model_construct(id=uuid4(), auto_scheduled=is_scheduled, expected_start_time=at)
    return FlowRunContext.model_construct(flow_run=one)


def test_a_scheduled_run_is_due_when_it_was_meant_however_late_it_starts() -> None:
    planned = load_schedule(Settings(timezone="Asia/Makassar"))[NIGHTLY]
    last, following = planned.last_until(datetime.now(UTC)), planned.next_after(datetime.now(UTC))
    for meant, expected in ((last, last), (last - timedelta(days=9), last), (following, following)):
        with scheduled_run(meant):
            assert due_of(planned) == expected
    with scheduled_run(last, is_scheduled=False):
        assert due_of(planned) is None
    assert due_of(planned) is None


def test_two_services_for_one_folder_are_one(tmp_path: Path) -> None:
    with FileLock(tmp_path / ".serve.lock"), pytest.raises(BusyError, match="served already"):
        Service(Settings(data_dir=tmp_path)).run()


def test_a_server_of_another_data_directory_is_left_alone(tmp_path: Path) -> None:
    deploy(Settings(data_dir=tmp_path / "theirs"))
    with pytest.raises(ConfigurationError, match=r"serves \S+theirs\. Choose another one with --port"):
        Service(Settings(data_dir=tmp_path / "ours"), own_server=False).run()


def test_the_service_plans_and_runs_in_one_zone_and_stops_when_told(
    two_opd: Path, tmp_path: Path, environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = two_opd / "register" / "Instansi.csv"
    register.write_text(register.read_text().replace("Asia/Makassar", "Asia/Jayapura"))
    settings = Settings(data_dir=tmp_path / "var", source=str(two_opd))
    ids = deploy(settings)
    zones = []

    async def start(self: Runner) -> None:
        zones.append(load_schedule(Settings(data_dir=settings.data_dir))[NIGHTLY].zone.key)  # as a run sees it
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()

    monkeypatch.setattr(Runner, "start", start)
    Service(settings, own_server=False).run()

    async def read(client: PrefectClient) -> list[Any]:
        return [(await client.read_deployment(one)).schedules[0].schedule.timezone for one in ids.values()]

    assert set(on_server(read)) == {"Asia/Jayapura"}, "the register's, since nothing is published"
    assert zones == ["Asia/Jayapura"]


def test_a_key_in_a_secret_block_waits_for_the_server_and_another_does_not(
    tmp_path: Path, environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = []
    monkeypatch.setattr(Service, "run", lambda self: served.append(self))
    monkeypatch.setattr("spbe_etl.cli.serve._log_to_stderr", lambda: None)
    os.environ |= {"SPBE_SOURCE": "google", "SPBE_GOOGLE_REGISTER": "abc"}
    command = ["serve", "--data-dir", str(tmp_path)]
    os.environ["SPBE_GOOGLE_CREDENTIALS"] = str(tmp_path / "nowhere.json")
    assert isinstance(CliRunner().invoke(app, command).exception, ConfigurationError)
    assert served == []
    os.environ["SPBE_GOOGLE_CREDENTIALS"] = "secret:not-there-yet"
    assert CliRunner().invoke(app, command).exception is None
    assert [one.settings.data_dir for one in served] == [tmp_path]


def test_runs_older_than_the_setting_are_deleted_with_all_that_is_theirs(environment: None, tmp_path: Path) -> None:
    for name in [one for one in os.environ if one.startswith("PREFECT_")]:
        del os.environ[name]
    serve_environment(Settings(data_dir=tmp_path, keep_runs_days=30), "127.0.0.1", 4200)
    told = PrefectSettings().server.services.db_vacuum

    async def story(client: PrefectClient) -> dict[int, list[int]]:
        ended = {days: await client.create_flow_run(watch, state=Completed()) for days in (29, 31)}
        for days, one in ended.items():
            await client.create_artifact(ArtifactCreate(key=f"days-{days}", type="table", flow_run_id=one.id))
            about = {"name": "flows", "level": 20, "message": "words", "timestamp": str(datetime.now(UTC))}
            await client.create_logs([{**about, "flow_run_id": str(one.id)}])
            await change_run(one.id, end_time=datetime.now(UTC) - timedelta(days=days))
        services = {one.function.__name__ for one in get_enabled_perpetual_services()}
        assert {"schedule_vacuum_tasks", "schedule_orphan_vacuum_tasks"} <= services
        await vacuum_old_flow_runs(db=provide_database_interface())
        return {
            days: [
                len(await client.read_flow_runs(flow_run_filter=FlowRunFilter(id={"any_": [one.id]}))),
                len(await client.read_artifacts(artifact_filter=ArtifactFilter(flow_run_id={"any_": [one.id]}))),
                len(await client.read_logs(log_filter=LogFilter(flow_run_id={"any_": [one.id]}))),
            ]
            for days, one in ended.items()
        }

    updates = {
        PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED: told.enabled,
        PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD: told.retention_period,
    }
    with temporary_settings(updates):
        assert on_server(story) == {29: [1, 1, 1], 31: [0, 0, 0]}


def test_automations_are_set_once() -> None:
    names = set_up()

    async def story(client: PrefectClient) -> list[Any]:
        await set_automations(client)
        return list(await client.read_automations_by_name(names[0]))

    (one,) = on_server(story)
    assert one.enabled


def test_the_small_flows_say_in_their_state_what_they_found(two_opd: Path, tmp_path: Path) -> None:
    where, var = str(two_opd), str(tmp_path / "var")
    nightly(where, var)
    keep_check(Settings(data_dir=Path(var)), "access", datetime.now(UTC), has_failed=True)
    assert access(where, var, return_state=True).is_completed()
    assert Artifact.get("access") is not None
    assert watch(var, return_state=True).is_completed()
    assert (tmp_path / "var" / "metrics" / "spbe.prom").exists()
    assert "check_failed" not in [one["rule_code"] for one in open_alerts(Settings(data_dir=Path(var)))]
    (two_opd / "b" / "Penilaian.csv").write_bytes(b"\x00damaged")
    state = access(where, var, return_state=True)
    assert state.is_failed()
    assert "B" in state.message
    assert reminder(var, return_state=True).is_completed()
    assert feedback(var, return_state=True).name == "Skipped"
    state = backfill(var, return_state=True)
    assert (state.name, state.message) == ("Completed", "1 equal")
    state = backfill(var, first=date(2026, 2, 1), last=date(2026, 1, 1), return_state=True)
    assert state.is_failed()
    assert state.message == "first 2026-02-01 is after last 2026-01-01. Swap them."


def as_served(ids: dict[str, UUID], parameters: dict[str, Any], is_scheduled: bool = False) -> Any:
    """The state of a night that the service runs: asked for, or late, as the schedule made it two days ago."""

    async def story(client: PrefectClient) -> FlowRun:
        if not is_scheduled:
            return await client.create_flow_run_from_deployment(ids[NIGHTLY], parameters=parameters)
        return await made_by_schedule(client, ids[NIGHTLY], datetime.now(UTC) - timedelta(days=2))

    return run_flow(nightly, flow_run=on_server(story), parameters=parameters, return_type="state")


def test_a_scheduled_night_that_is_published_already_is_skipped(two_opd: Path, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "var", source=str(two_opd))
    parameters = {"source": settings.source, "data_dir": str(settings.data_dir)}
    ids = deploy(settings)
    first = as_served(ids, parameters, is_scheduled=True)
    assert first.name == "Completed", first.message
    again = as_served(ids, parameters, is_scheduled=True)
    assert (again.name, again.is_completed()) == ("Skipped", True)
    assert str(last_summary(settings)["run_id"]) in again.message
    by_hand = as_served(ids, parameters)
    assert by_hand.name == "Completed", "who asks for a night gets it"
    settings.published_path.write_bytes(b"damaged")
    mended = as_served(ids, parameters, is_scheduled=True)
    assert mended.name == "Completed", "what can't be read isn't published"
    with open_publication(settings.published_path) as publication:
        assert publication.rows("FROM mart.night")


def test_a_served_night_that_fails_is_kept_as_the_last_run_one_by_hand_is_not(two_opd: Path, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "var", source=str(tmp_path / "nowhere"), lock_wait_seconds=0)
    ids = deploy(settings)
    parameters = {"source": settings.source, "data_dir": str(settings.data_dir)}
    assert nightly(**parameters, return_state=True).is_failed()
    assert last_summary(settings) is None
    state = as_served(ids, parameters)
    assert state.is_failed()
    assert "does not exist" in state.message
    assert last_summary(settings)["error"] == state.message
    assert [one["rule_code"] for one in open_alerts(settings)] == ["night_failed"]

    (tmp_path / "var" / "last_run.json").unlink()
    two_opd.rename(tmp_path / "nowhere")
    with hold_lock(settings), pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPBE_LOCK_WAIT_SECONDS", "0")
        state = as_served(ids, parameters)
    assert "Another run holds" in state.message
    assert last_summary(settings) is None, "the other run says itself what came of the night"


@pytest.mark.parametrize("check", [access, backfill], ids=["access", "backfill"])
def test_a_scheduled_check_that_fails_is_told_until_one_ends_well(check: Any, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)

    def ended(state: State[Any], *, is_scheduled: bool) -> list[str]:
        run = FlowRun.model_construct(parameters={"data_dir": str(tmp_path)}, auto_scheduled=is_scheduled)
        hooks = {"FAILED": check.on_failure_hooks, "CRASHED": check.on_crashed_hooks}
        for hook in hooks.get(state.type.value, check.on_completion_hooks):
            hook(check, run, state)
        return [one["rule_code"] for one in open_alerts(settings) if one["rule_code"] == "check_failed"]

    assert ended(Failed(), is_scheduled=False) == []
    assert ended(Crashed(), is_scheduled=True) == ["check_failed"]
    assert ended(Failed(), is_scheduled=True) == ["check_failed"]
    assert ended(Completed(), is_scheduled=False) == []


def test_a_run_whose_process_died_is_told(tmp_path: Path) -> None:
    (crashed,) = nightly.on_crashed_hooks
    run = FlowRun.model_construct(parameters={"data_dir": str(tmp_path)})
    crashed(nightly, run, Crashed())
    assert "process died" in last_summary(Settings(data_dir=tmp_path))["error"]
    assert [one["rule_code"] for one in open_alerts(Settings(data_dir=tmp_path))] == ["night_failed"]
