"""The Prefect flow gives the same tables as the bare night, and states that tell the truth."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
from prefect.artifacts import Artifact
from prefect.client.orchestration import get_client
from prefect.testing.utilities import prefect_test_harness

from flows.nightly import nightly
from spbe_etl.composition import new_request, open_night
from spbe_etl.night import run_night
from spbe_etl.sample import write_sample
from spbe_etl.settings import Settings
from spbe_etl.warehouse import mart_columns, mart_tables

NIGHT = date(2026, 11, 24)
DIFFERING = {"run_id", "fetched_at", "started_at", "finished_at"}

pytestmark = pytest.mark.xdist_group("prefect")


@pytest.fixture(scope="module", autouse=True)
def harness() -> Iterator[None]:
    with prefect_test_harness(server_startup_timeout=120):
        yield


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
        (run,) = client.read_flow_runs()
        names = {task.name for task in client.read_task_runs()}
    assert run.name == "nightly 2026-11-24"
    assert names >= {"extract registers", "extract 73.01 1-20 of 40", "load", "judge", "build", "audit", "publish"}
    for key in ("index", "rows", "rejected-rows", "failed-workbooks"):
        assert Artifact.get(key) is not None


def test_stale_data_end_in_a_completed_state_of_its_own(sample: Path, tmp_path: Path) -> None:
    broken = tmp_path / "sample"
    write_sample(broken)
    (broken / "selayar" / "bpkad.xlsx").write_bytes(b"damaged")
    state = nightly(str(broken), str(tmp_path / "var"), NIGHT, return_state=True)
    assert state.is_completed()
    assert state.name == "Stale"
    assert state.result(raise_on_failure=False)["exit_code"] == 10
    assert state.result(raise_on_failure=False)["workbooks"]["failed"][0]["opd_code"] == "BPKAD"


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
