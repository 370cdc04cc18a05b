"""Pages as a browser shows them: what a test asks of a page opened from disk.

`check_page(browser, path, width)` says everything that is wrong with one; `browser` is a fixture of conftest.py.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from devtools import Chromium, chromium_command

HERE = Path(__file__).parent
SCRIPT = (HERE / "browser.js").read_text(encoding="utf-8")
AXE = (HERE / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
AXE_OPTIONS = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa"]},
    "rules": {rule: {"enabled": True} for rule in ("heading-order", "empty-heading", "image-redundant-alt")},
    "resultTypes": ["violations"],
}
PHONE, DESK = 390, 1280
WIDEST_PHONE = 600
MOST_TABS = 1000
HARMLESS = ("file:", "data:", "about:")
A4_INCHES = {"paperWidth": 8.27, "paperHeight": 11.69}
Media = Literal["", "print"]
"""As printed, or as each use asks for: windows and pictures the screen, PDF print."""


@dataclass(frozen=True)
class Focus:
    """An element that pressing Tab leads to, and what's wrong with that (empty: nothing)."""

    name: str
    problem: str


@dataclass(frozen=True)
class Pdf:
    """A page printed on A4."""

    content: bytes
    page_count: int


class Page:
    """One page, opened from disk."""

    def __init__(self, chromium: Chromium, session: str, width: int) -> None:
        self._chromium, self._session, self._width = chromium, session, width
        self._world = 0

    def load(self, path: Path) -> None:
        """Open a file and wait until it's drawn."""
        for domain in ("Page", "Runtime", "Network", "Log"):
            self._send(f"{domain}.enable")
        self._send("Emulation.setFocusEmulationEnabled", enabled=True)
        answer = self._send("Page.navigate", url=path.resolve().as_uri())
        if "errorText" in answer:
            raise FileNotFoundError(f"{path}: {answer['errorText']}")
        self._chromium.wait_for("Page.loadEventFired", self._session)
        self._world = self._send("Page.createIsolatedWorld", frameId=answer["frameId"])["executionContextId"]
        self._ask(f"{SCRIPT}; null")
        self._ask("pageTests.settle()")

    def emulate(self, width: int, media: Media = "") -> None:
        """Show it as wide as this, also in a window as printed; narrow windows are phones."""
        self._width = width
        is_phone = width <= WIDEST_PHONE
        size = {"width": width, "height": 844 if is_phone else 900}
        self._send(
            "Emulation.setDeviceMetricsOverride", **size, deviceScaleFactor=2 if is_phone else 1, mobile=is_phone
        )
        self._send("Emulation.setTouchEmulationEnabled", enabled=is_phone)
        still = [{"name": "prefers-reduced-motion", "value": "reduce"}]
        self._send("Emulation.setEmulatedMedia", media=media, features=still)
        if self._world:
            self._ask("pageTests.settle()")

    def evaluate(self, script: str) -> Any:
        """What JavaScript gives on the page, as JSON; promises are awaited. RuntimeError where it throws."""
        return self._run(script, {})

    def errors(self) -> list[str]:
        """Errors on the console, and exceptions that nothing caught."""
        told = (_error(event["method"], event["params"]) for event in self._chromium.events[self._session])
        return [text for text in told if text]

    def requests(self) -> list[str]:
        """Addresses outside the page's own files that it asked for."""
        urls = (_asked_for(event["method"], event["params"]) for event in self._chromium.events[self._session])
        return [url for url in dict.fromkeys(urls) if url and not url.startswith(HARMLESS)]

    def overflow(self) -> list[str]:
        """How wide the page is where it scrolls sideways, and what sticks out of the window."""
        return list(self._ask(f"pageTests.overflow({self._width})"))

    def violations(self) -> list[str]:
        """What axe-core finds: rule, reason, places."""
        self._ask(f"{AXE}; null")
        found = self._ask(f"pageTests.violations({json.dumps(AXE_OPTIONS)})")
        return [f"{one['id']}: {one['help']} ({one['reason']}) at {', '.join(one['places'][:5])}" for one in found]

    def tab_order(self) -> list[Focus]:
        """Elements in the order in which Tab reaches them, from the top."""
        key = {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
        order: list[Focus] = []
        self._ask("pageTests.seen = []; null")
        while len(order) < MOST_TABS:
            self._send("Input.dispatchKeyEvent", type="keyDown", **key)
            self._send("Input.dispatchKeyEvent", type="keyUp", **key)
            found = self._ask("pageTests.focused()")
            if found is None:
                break
            order.append(Focus(**found))
            if "focus" in found["problem"]:
                break
        return order

    def screenshot(self) -> bytes:
        """A PNG of the whole page."""
        size = self._send("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        shot = self._send("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        return base64.b64decode(shot["data"])

    def pdf(self) -> Pdf:
        """The page printed on A4, with backgrounds."""
        printed = self._send("Page.printToPDF", printBackground=True, preferCSSPageSize=False, **A4_INCHES)
        content = base64.b64decode(printed["data"])
        return Pdf(content, len(re.findall(rb"/Type\s*/Page\b", content)))

    def _ask(self, script: str) -> Any:
        return self._run(script, {"contextId": self._world})

    def _run(self, script: str, where: dict[str, object]) -> Any:
        asked = {"expression": script, "returnByValue": True, "awaitPromise": True}
        answer = self._send("Runtime.evaluate", **asked, **where)
        if "exceptionDetails" in answer:
            raise RuntimeError(_exception(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def _send(self, method: str, **parameters: object) -> dict[str, Any]:
        return self._chromium.send(method, parameters, self._session)


def _error(method: str, event: dict[str, Any]) -> str:
    """What an event says that went wrong; empty where nothing did."""
    if method == "Runtime.exceptionThrown":
        return _exception(event["exceptionDetails"])
    if method == "Runtime.consoleAPICalled" and event["type"] in ("error", "assert"):
        return " ".join(str(one.get("value", one.get("description", ""))) for one in event["args"])
    if method == "Log.entryAdded" and event["entry"]["level"] == "error":
        return f"{event['entry']['text']} {event['entry'].get('url', '')}".strip()
    return ""


def _asked_for(method: str, event: dict[str, Any]) -> str:
    """The address that an event says was asked for; empty where none was."""
    if method == "Network.requestWillBeSent":
        return str(event["request"]["url"])
    return str(event["url"]) if method in ("Network.webSocketCreated", "Network.webTransportCreated") else ""


def _exception(details: dict[str, Any]) -> str:
    thrown = details.get("exception", {})
    return str(thrown.get("description") or thrown.get("value") or details["text"])


class Browser:
    """One Chromium for many pages."""

    def __init__(self, profile: Path) -> None:
        self._chromium = Chromium(chromium_command(), profile)

    @contextmanager
    def open(self, path: Path, width: int = DESK, media: Media = "") -> Iterator[Page]:
        """A page of a file, with nothing kept from the pages before it."""
        context = self._chromium.send("Target.createBrowserContext")["browserContextId"]
        try:
            made = self._chromium.send("Target.createTarget", {"url": "about:blank", "browserContextId": context})
            attach = {"targetId": made["targetId"], "flatten": True}
            session = self._chromium.send("Target.attachToTarget", attach)["sessionId"]
            page = Page(self._chromium, session, width)
            page.emulate(width, media)
            page.load(path)
            yield page
            self._chromium.events.pop(session)
        finally:
            self._chromium.send("Target.disposeBrowserContext", {"browserContextId": context})

    def close(self) -> None:
        """End it."""
        self._chromium.close()


def page_problems(page: Page) -> list[str]:
    """Everything that's wrong with a page as it is shown, a line each."""
    found = {
        "sideways": page.overflow(),
        "accessibility": page.violations(),
        "tab order": [f"{one.name}: {one.problem}" for one in page.tab_order() if one.problem],
        "console": page.errors(),
        "request": page.requests(),
    }
    return [f"{kind}: {text}" for kind, texts in found.items() for text in texts]


def check_page(browser: Browser, path: Path, width: int) -> None:
    """Raise AssertionError with everything that's wrong with a file's page at this width (PHONE, DESK, ...)."""
    with browser.open(path, width) as page:
        problems = page_problems(page)
    assert not problems, "\n- ".join([f"{path.name} at {width} px:", *problems])
