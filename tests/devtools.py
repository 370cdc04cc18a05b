"""Chromium without a window, spoken to over its DevTools protocol: one process, one socket, many pages."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

SKIP = "SPBE_SKIP_BROWSER"
COMMANDS = ("chromium", "chromium-browser", "google-chrome")
START_SECONDS = 60
ANSWER_SECONDS = 60
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--force-color-profile=srgb",
    # a page that asks for something from outside is told of, and gets nothing
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-port=0",
)


def chromium_command() -> str:
    """Where Chromium is. Without it the tests fail, unless the environment says that they may be skipped."""
    found = next(filter(None, map(shutil.which, COMMANDS)), None)
    if found is None and os.environ.get(SKIP) == "1":
        pytest.skip(f"{SKIP}=1: no Chromium here, pages are not tested")
    if found is None:
        pytest.fail(f"Chromium is missing: apt-get install chromium; to do without these tests, {SKIP}=1", False)
    return found


class Chromium:
    """A running Chromium. Answers are awaited in order; events are kept by the session they belong to."""

    def __init__(self, command: str, profile: Path) -> None:
        self._process = subprocess.Popen(
            [command, *OPTIONS, f"--user-data-dir={profile}", "about:blank"],
            env={**os.environ, "HOME": str(profile)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.events: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self._numbers = count(1)
        try:
            address = self._address(profile / "DevToolsActivePort")
            self._socket = connect(address, max_size=None, compression=None, proxy=None)
        except BaseException:
            self._kill()
            raise

    def _address(self, file: Path) -> str:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            lines = file.read_text(encoding="utf-8").split() if file.exists() else []
            if len(lines) == 2:
                return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
            time.sleep(0.02)
        raise RuntimeError(f"Chromium didn't start: exit {self._process.poll()}")

    def send(self, method: str, parameters: Mapping[str, object] | None = None, session: str = "") -> dict[str, Any]:
        """A command's result; RuntimeError with what Chromium said where it refuses."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters or {}}
        self._socket.send(json.dumps(message | ({"sessionId": session} if session else {})))
        while (answer := self._receive()).get("id") != number:
            pass
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return dict(answer["result"])

    def wait_for(self, method: str, session: str) -> None:
        """Return once the session has had this event."""
        while not any(event["method"] == method for event in self.events[session]):
            self._receive()

    def _receive(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self._socket.recv(timeout=ANSWER_SECONDS))
        if "method" in message:
            self.events[message.get("sessionId", "")].append(message)
        return message

    def close(self) -> None:
        """End the process and all it started."""
        try:
            self.send("Browser.close")
            self._socket.close()
            self._process.wait(timeout=10)
        finally:
            self._kill()

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
