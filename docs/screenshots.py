"""Screenshots for docs/operations.md: a real service on the sample, photographed by Chromium.

Run it from the repository after `make run`: `.venv/bin/python docs/screenshots.py`. It needs Debian's `chromium`.
"""

# ruff: noqa: S603 - commands of our own, with arguments of our own
from __future__ import annotations

import argparse
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

HERE = Path(__file__).parent
COMMAND = Path(sys.executable).with_name("spbe-etl")
WAIT_SECONDS = 180
PAGE_MILLISECONDS = 15_000
MOST_BYTES = 200_000
ZONE = "Asia/Jakarta"


@dataclass(frozen=True)
class Page:
    """A page of the UI: its file, its address, its height, and words that show that it has loaded."""

    name: str
    path: str
    height: int
    words: tuple[str, ...]


def main() -> None:
    """Make all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE / "images", help="folder for the PNG files")
    parser.add_argument("--chromium", default="chromium", help="the browser's command")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="spbe-etl-") as folder:
        home = Path(folder)
        environment = {"HOME": folder, "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": ZONE}
        with service(home, environment) as root, httpx.Client(base_url=f"{root}/api") as api:
            for page in pages(api, published_run(api)):
                target = chosen.out / f"{page.name}.png"
                browse = Browser(chosen.chromium, home / "chromium", environment)
                browse.check(root + page.path, page)
                browse.shoot(root + page.path, page, target)
                print(f"{target}  {target.stat().st_size // 1000} KB")


@contextmanager
def service(home: Path, environment: dict[str, str]) -> Iterator[str]:
    """The sample and `spbe-etl serve` on a free port; gives the UI's address, and stops the service in the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    subprocess.run([COMMAND, "sample", "contoh"], cwd=home, env=environment, check=True, stdout=subprocess.DEVNULL)
    serve = [str(COMMAND), "serve", "--source", "contoh", "--data-dir", "var", "--port", str(port)]
    process = subprocess.Popen(serve, cwd=home, env=environment)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=60)


def published_run(api: httpx.Client) -> dict[str, Any]:
    """The night's run, once it has published."""
    until = time.monotonic() + WAIT_SECONDS
    wanted = {"flows": {"name": {"any_": ["nightly"]}}, "flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
    while time.monotonic() < until:
        try:
            if runs := asked(api, "/flow_runs/filter", wanted):
                return dict(runs[0])
        except httpx.TransportError:
            pass
        time.sleep(1)
    raise SystemExit("No night was published. What the service said is above.")


def pages(api: httpx.Client, run: dict[str, Any]) -> list[Page]:
    """What's shown: the runs, one of them, its artifacts, the schedule, the automations."""
    newest = {one["key"]: one["latest_id"] for one in asked(api, "/artifacts/latest/filter", {})}
    name = run["name"]
    return [
        Page("runs", "/runs", 1000, (name, "Completed")),
        Page("run", f"/runs/flow-run/{run['id']}", 900, (name, "Completed", "Task Runs", "event=ended")),
        Page("artifacts", "/artifacts", 620, ("index", "rejected-rows", "stale-opd")),
        Page("index", f"/artifacts/artifact/{newest['index']}", 780, ("73.01", "pemdi-2026", name)),
        Page("findings", f"/artifacts/artifact/{newest['rejected-rows']}", 780, ("SCORE_ERROR", "bpkad.xlsx")),
        Page("deployments", "/deployments", 640, ("nightly", "backfill", "Ready")),
        Page("automations", "/automations", 680, ("Automations", "Crashed")),
    ]


def asked(api: httpx.Client, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    """What the API answers."""
    return list(api.post(path, json=body).raise_for_status().json())


@dataclass(frozen=True)
class Browser:
    """Chromium without a window. Its clock runs ahead until the page has nothing left to wait for."""

    command: str
    profile: Path
    environment: dict[str, str]

    def check(self, address: str, page: Page) -> None:
        """See to it that the page shows its words."""
        shown = self._run("--dump-dom", f"--window-size=1400,{page.height}", address)
        if missing := [word for word in page.words if word not in shown]:
            raise SystemExit(f"{address} doesn't show {missing}")

    def shoot(self, address: str, page: Page, target: Path) -> None:
        """Write the picture."""
        self._run(f"--screenshot={target.resolve()}", f"--window-size=1400,{page.height}", address)
        if target.stat().st_size > MOST_BYTES:
            raise SystemExit(f"{target} is larger than {MOST_BYTES} bytes: lower its height")

    def _run(self, *arguments: str) -> str:
        quiet = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={self.profile}"]
        command = [self.command, *quiet, f"--virtual-time-budget={PAGE_MILLISECONDS}", *arguments]
        return subprocess.run(
            command, env=self.environment, check=True, timeout=120, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ).stdout.decode()


if __name__ == "__main__":
    main()
