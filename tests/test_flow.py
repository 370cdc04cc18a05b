"""The Prefect flow gives the same tables as the bare night, and states that tell the truth."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
from conftest import FOUR_OPD, District, answer, penilaian
from prefect import flow
from prefect.artifacts import Artifact
from prefect.blocks.system import Secret
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter
from sheets_server import Drive, SheetsServer
from typer.testing import CliRunner

from flows.artifacts import make_access, make_artifacts, make_nights, progress_bar
from flows.deployments import FLOWS
from flows.nightly import as_tasks, nightly
from spbe_etl.cli.app import app
from spbe_etl.composition import new_request, open_night
from spbe_etl.errors import SpbeError
from spbe_etl.night import run_night
from spbe_etl.sample import write_sample
from spbe_etl.settings import Settings
from spbe_etl.summary import last_summary
from spbe_etl.warehouse import mart_columns, mart_tables

NIGHT = date(2026, 11, 24)
DIFFERING = {"run_id", "fetched_at", "started_at", "finished_at"}

pytestmark = pytest.mark.usefixtures("prefect_server")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flow") / "sample"
    write_sample(folder)
    return folder


def tables(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    found = {}
    with duckdb.connect(str(folder / "published" / "spbe.duckdb"), read_only=True) as connection:
        for table in mart_tables():
            names = [row["column_name"] for row in mart_columns(table) if row["column_name"] not in DIFFERING]
            found[table] = connection.execute(f"SELECT {', '.join(names)} FROM mart.{table} ORDER BY ALL").fetchall()
    return found


def test_the_flow_and_the_bare_night_give_the_same_tables(sample: Path, tmp_path: Path) -> None:
    state = nightly(str(sample), str(tmp_path / "flow"), NIGHT, return_state=True)
    assert state.is_completed()
    assert state.name == "Completed"
    assert state.result(raise_on_failure=False)["exit_code"] == 0
    with open_night(Settings(source=str(sample), data_dir=tmp_path / "bare"), new_request(NIGHT)) as night:
        run_night(night)
    assert tables(tmp_path / "flow") == tables(tmp_path / "bare")

    with get_client(sync_client=True) as client:
        run = next(one for one in client.read_flow_runs() if one.id == state.state_details.flow_run_id)
        names = {task.name for task in client.read_task_runs()}
    assert run.name == "nightly 2026-11-24", "which institutions there are isn't known yet"
    steps = ("extract registers", "extract 73.01 1-20 of 40", "load", "judge", "build", "analyse", "audit", "publish")
    assert names >= {f"{step}, 2026-11-24" for step in steps}
    for key in ("index", "rows", "rejected-rows", "stale-opd", "changes", "path", "progress"):
        assert Artifact.get(key) is not None, key
    assert Artifact.get("progress").data == 100


def test_stale_data_end_in_a_completed_state_of_its_own(two_opd: Path, tmp_path: Path) -> None:
    (two_opd / "b" / "Penilaian.csv").write_bytes(b"\x00damaged")
    state = nightly(str(two_opd), str(tmp_path / "var"), NIGHT, return_state=True)
    assert state.is_completed()
    assert state.name == "Stale"
    assert state.result(raise_on_failure=False)["exit_code"] == 10
    assert state.result(raise_on_failure=False)["workbooks"]["failed"][0]["opd_code"] == "B"


def test_what_cannot_be_shown_never_fails_a_night(
    two_opd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise httpx.ConnectError("refused")

    settings = Settings(data_dir=tmp_path / "var")
    for name in ("create_table_artifact", "update_progress_artifact", "create_link_artifact"):
        monkeypatch.setattr(f"flows.artifacts.{name}", unreachable)
    state = nightly(str(two_opd), str(settings.data_dir), NIGHT, return_state=True)
    assert (state.name, last_summary(settings)["exit_code"]) == ("Completed", 0)
    assert caplog.text.count("not shown: ConnectError") == 11, "ten times progress, once the tables"
    monkeypatch.setattr("flows.artifacts.create_progress_artifact", unreachable)
    progress_bar("Nothing")("load")
    make_access([{}])
    make_nights([{}])
    monkeypatch.undo()
    settings.published_path.write_bytes(b"damaged")
    make_artifacts(settings, state.result(raise_on_failure=False))
    assert "not shown: ConfigurationError" in caplog.text


def test_names_hold_whatever_a_code_holds() -> None:
    @flow
    def braces() -> Any:
        return as_tasks("7{0}.{x} 2026-11-24")("load {}", lambda: 5)

    state = braces(return_state=True)
    assert state.result() == 5
    with get_client(sync_client=True) as client:
        runs = client.read_task_runs(flow_run_filter=FlowRunFilter(id={"any_": [state.state_details.flow_run_id]}))
    assert [one.name for one in runs] == ["load {}, 7{0}.{x} 2026-11-24"]


def test_a_night_from_google_takes_its_key_from_a_secret_block_and_its_turn_from_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    district = District(
        carriers=[("spbe-2020", 1, "A", None)],
        books={"a": penilaian(answer(2025, 1, 3)), "b": penilaian(answer(2025, 1, "3-4"))},
        opd=FOUR_OPD[:2],
    )
    reader, writer = "pembaca@contoh.iam.gserviceaccount.com", "penulis@contoh.iam.gserviceaccount.com"
    drive = Drive()
    register_id = drive.add_institution(district.write_xlsx(tmp_path / "district"), [reader], [writer])
    with SheetsServer(drive) as server:
        key = server.account(reader)
        Secret(value=json.dumps(key)).save("spbe-reader")
        monkeypatch.setenv("SPBE_GOOGLE_REGISTER", register_id)
        monkeypatch.setenv("SPBE_GOOGLE_CREDENTIALS", "secret:spbe-reader")
        writer_file = server.write_credentials(tmp_path / "writer.json", writer)
        monkeypatch.setenv("SPBE_GOOGLE_WRITER_CREDENTIALS", str(writer_file))
        monkeypatch.setenv("SPBE_GOOGLE_ENDPOINT", server.endpoint)
        state = nightly("google", str(tmp_path / "var"), NIGHT, feedback=True, return_state=True)
        summary = state.result(raise_on_failure=False)
        assert state.name == "Completed", state.message
        assert summary["api_calls"] + summary["feedback"]["api_calls"] == server.count()
    assert summary["feedback"]["written"] == ("A", "B")
    with get_client(sync_client=True) as client:
        limits = {one.name: one for one in client.read_global_concurrency_limits()}
        shown = [
            str(one.model_dump())
            for one in (
                *client.read_flow_runs(),
                *client.read_task_runs(),
                *client.read_artifacts(),
                *client.read_logs(),
            )
        ]
    assert limits["spbe-google-read"].slot_decay_per_second * 60 + limits["spbe-google-read"].limit <= 300
    assert "spbe-google-write" in limits
    assert Artifact.get("feedback") is not None
    for secret in (*key["private_key"].split()[4:6], "ya29."):
        assert not any(secret in text for text in shown)


def test_a_secret_block_that_is_not_there_fails_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPBE_GOOGLE_REGISTER", "abc")
    monkeypatch.setenv("SPBE_GOOGLE_CREDENTIALS", "secret:nowhere")
    state = nightly("google", str(tmp_path / "var"), NIGHT, return_state=True)
    assert state.is_failed()
    assert "no such Prefect Secret block: nowhere" in (state.message or "")
    assert state.result(raise_on_failure=False)["exit_code"] == 2


def test_nothing_published_is_a_failed_state_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "register.xlsx").write_bytes(b"damaged")
    state = nightly(str(tmp_path / "s"), str(tmp_path / "var"), NIGHT, return_state=True)
    assert state.is_failed()
    assert "register.xlsx" in (state.message or "")
    assert state.result(raise_on_failure=False)["exit_code"] == 20


def test_a_wrong_configuration_fails_in_one_line(tmp_path: Path) -> None:
    state = nightly(str(tmp_path / "nowhere"), str(tmp_path / "var"), NIGHT, return_state=True)
    assert state.is_failed()
    assert state.result(raise_on_failure=False)["exit_code"] == 2
    assert "does not exist" in (state.message or "")


def test_a_setting_that_is_none_fails_every_flow_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPBE_BATCH_SIZE", "banyak")
    for one in FLOWS.values():
        state = one(data_dir=str(tmp_path), return_state=True)
        assert state.is_failed()
        assert (state.message or "").startswith("SPBE_BATCH_SIZE=banyak: ")
        with get_client(sync_client=True) as client:
            assert client.read_flow_run(state.state_details.flow_run_id).name.startswith(one.name)
    assert list(tmp_path.iterdir()) == []


def test_the_command_runs_the_flow_and_shows_what_came_of_it(two_opd: Path, tmp_path: Path) -> None:
    where = ["--source", str(two_opd), "--data-dir", str(tmp_path / "var")]
    told = json.loads(CliRunner().invoke(app, ["run", *where, "--json"]).stdout)
    assert told["exit_code"] == 0
    shown = CliRunner().invoke(app, ["run", *where])
    assert (shown.exit_code, shown.exception) == (0, None)
    assert told["indices"][0]["index_value"].replace(".", ",") in shown.output
    where[1] = str(tmp_path / "nowhere")
    wrong = CliRunner().invoke(app, ["run", *where])
    assert isinstance(wrong.exception, SpbeError)
    assert (wrong.exception.exit_code, "does not exist" in str(wrong.exception)) == (2, True)
