"""The service as ops run it: real processes, a real server, a host that dies in the middle. Run by `make prove`."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from zoneinfo import ZoneInfo

import duckdb
import pytest

from spbe_etl.sample import write_sample

pytestmark = pytest.mark.prove

MAKASSAR = ZoneInfo("Asia/Makassar")
PATIENCE = 240
POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
"""Debian's, and not on the path there."""


@dataclass
class Host:
    """A data directory, and the service on it."""

    folder: Path
    port: int
    environment: dict[str, str]
    night_at: datetime
    services: list[subprocess.Popen[bytes]] = field(default_factory=list)
    started: int = 0

    def serve(self) -> subprocess.Popen[bytes]:
        command = [str(Path(sys.executable).with_name("spbe-etl")), "serve"]
        command += ["--source", str(self.folder / "sample" / "selayar")]
        command += ["--data-dir", str(self.folder / "var"), "--port", str(self.port)]
        at = {"SPBE_NIGHT_AT": f"{self.night_at:%H:%M}"}
        with (self.folder / "serve.log").open("ab") as log:
            one = subprocess.Popen(
                command, env={**os.environ, **self.environment, **at}, stderr=log, start_new_session=True
            )
        self.services.append(one)
        self.started += 1
        return one

    def wait_until_up(self) -> None:
        """Until as many services as were started have said that they serve."""
        log = self.folder / "serve.log"
        until(lambda: log.read_text().count("INFO flows.serving serving ") == self.started, "up")

    def runs(self, flow: str = "nightly") -> list[dict[str, Any]]:
        """Runs of a flow, also those to come; empty where no server answers."""
        about = {"flows": {"name": {"any_": [flow]}}, "sort": "EXPECTED_START_TIME_ASC", "limit": 200}
        request = Request(
            f"http://127.0.0.1:{self.port}/api/flow_runs/filter",
            json.dumps(about).encode(),
            {"Content-Type": "application/json"},
        )
        try:
            with urlopen(request, timeout=10) as answer:
                return list(json.load(answer))
        except OSError:
            return []

    def published(self) -> list[tuple[Any, ...]]:
        path = self.folder / "var" / "published" / "spbe.duckdb"
        if not path.exists():
            return []
        with duckdb.connect(str(path), read_only=True) as connection:
            return connection.execute("SELECT DISTINCT snapshot_on FROM mart.night ORDER BY ALL").fetchall()

    def kill(self) -> None:
        """As when the power goes: everything at once, in the middle of whatever it was."""
        for one in self.services:
            with suppress(ProcessLookupError):
                os.killpg(one.pid, signal.SIGKILL)
            one.wait()
        self.services.clear()

    def stop(self) -> None:
        for one in self.services:
            one.terminate()
        codes = [one.wait(60) for one in self.services]
        assert codes == [0] * len(codes), "told to stop is no failure"
        self.services.clear()


def until(what: Callable[[], Any], about: str) -> Any:
    patience = time.monotonic() + PATIENCE
    while not (found := what()):
        assert time.monotonic() < patience, about
        time.sleep(0.3)
    return found


def soon() -> datetime:
    """A minute of the clock that's far enough away for a service to be up before."""
    now = datetime.now(MAKASSAR)
    return now + timedelta(minutes=2 if now.second > 25 else 1)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL of its own, which doesn't run as root."""
    folder, port = Path(tempfile.mkdtemp(prefix="spbe-postgres-")), free_port()
    user: dict[str, Any] = {"user": "nobody"} if os.getuid() == 0 else {}
    if user:
        shutil.chown(folder, "nobody")
    data, tools, silent = folder / "data", POSTGRES[-1], subprocess.DEVNULL
    subprocess.run([tools / "initdb", "-D", data, "-U", "spbe", "--auth=trust"], check=True, stdout=silent, **user)
    command = [tools / "postgres", "-D", data, "-p", str(port), "-k", folder, "-h", "127.0.0.1"]
    server = subprocess.Popen(command, stderr=silent, **user)
    try:
        create = [tools / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "spbe", "prefect"]
        until(lambda: subprocess.run(create, stderr=silent, check=False).returncode == 0, "PostgreSQL is up")
        yield f"postgresql+asyncpg://spbe@127.0.0.1:{port}/prefect"
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgres"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    if request.param == "postgres" and not POSTGRES:
        pytest.skip("there's no PostgreSQL here")
    write_sample(tmp_path / "sample")
    with postgres() if request.param == "postgres" else nullcontext() as url:
        environment = {"PREFECT_API_DATABASE_CONNECTION_URL": url} if url else {}
        one = Host(tmp_path, free_port(), environment, datetime.now(MAKASSAR) + timedelta(hours=1))
        try:
            yield one
        finally:
            one.kill()


def ended(host: Host, *states: str) -> list[dict[str, Any]]:
    return [one for one in host.runs() if one["state_name"] in states]


def test_a_night_is_published_by_the_schedule_whatever_happens_to_the_host(host: Host) -> None:
    host.serve()
    until(lambda: ended(host, "Completed"), "the night before is made up for at the first start")
    assert len(host.published()) == 1

    for _ in range(4):  # five deployments in all, the last with another hour
        host.stop()
        host.serve()
        host.wait_until_up()
    host.stop()
    host.night_at = soon()
    host.serve()
    host.wait_until_up()
    time.sleep(8)  # the scheduler has looked again
    scheduled = ended(host, "Scheduled")
    moments = [one["expected_start_time"] for one in scheduled]
    assert len(moments) == len(set(moments)), "one run a night"

    until(lambda: [one for one in ended(host, "Running") if one["auto_scheduled"]], "the scheduled run begins")
    time.sleep(1.5)
    host.kill()
    first, second = host.serve(), host.serve()
    until(lambda: first.poll() is not None or second.poll() is not None, "one of two services gives way")
    assert {first.poll(), second.poll()} == {None, 2}
    host.services = [one for one in (first, second) if one.poll() is None]
    until(lambda: ended(host, "Crashed"), "the killed run is closed")
    (made_up,) = until(
        lambda: [one for one in ended(host, "Completed") if one["expected_start_time"] > moments[0][:19]],
        "its night is made up for",
    )
    assert "made-up" in made_up["tags"]
    assert not ended(host, "Running", "Pending", "Late")
    nights = host.published()
    assert nights[-1] == (host.night_at.date(),)

    host.stop()
    host.night_at = soon()
    host.serve()
    run = until(
        lambda: [one for one in ended(host, "Completed") if one["auto_scheduled"]], "a scheduled run that publishes"
    )[0]
    assert run["state"]["message"].startswith("Published night")
    assert host.published() == nights, "the same night, published again"
    host.stop()


def test_a_dead_server_ends_the_service_with_a_word(tmp_path: Path) -> None:
    write_sample(tmp_path / "sample")
    host = Host(tmp_path, free_port(), {}, datetime.now(MAKASSAR))
    try:
        service = host.serve()
        until(lambda: ended(host, "Completed"), "up")
        server = subprocess.run(
            ["pgrep", "-P", str(service.pid), "-f", "server start"], capture_output=True, check=True
        )
        os.kill(int(server.stdout.split()[0]), signal.SIGKILL)
        assert service.wait(60) == 2
        assert "The Prefect server has stopped" in (tmp_path / "serve.log").read_text()
    finally:
        host.kill()
