"""Sending messages to the targets that are set. Apprise is imported here alone, and only when something is sent."""

from __future__ import annotations

import hashlib
import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from pydantic import SecretStr

from spbe_etl.alerts.messages import Message
from spbe_etl.errors import ConfigurationError
from spbe_etl.google.credentials import SECRET, ReadSecret
from spbe_etl.settings import Settings

log = logging.getLogger("spbe_etl.alerts")

NEXT_ENTRY = re.compile(rf"[\s,]+(?=[A-Za-z][\w+.-]*://|{SECRET})")
URL = re.compile(r"([A-Za-z][\w+.-]*)://\S.*", re.DOTALL)
CHATTY = ("apprise", "urllib3", "requests", "httpx", "httpcore", "paho")
"""Loggers that tell addresses, some of them with the password or token in it."""
_turn = threading.Lock()
_silent: list[int] = []
"""Threads that are sending."""
MOST_SECONDS = 60.0
"""Longer than any service's own limits: what hangs must not keep the next check from telling."""

ALERT, REMINDER = "alert", "reminder"
"""Kinds of messages."""

Send = Callable[[str, Message], bool]
"""Sends a message to an Apprise URL; False where it wasn't taken."""


@dataclass(frozen=True)
class Target:
    """Where messages go. `key`: what the state knows it by; its address is in no repr."""

    key: str
    name: str
    url: str = field(repr=False)


Targets = Mapping[str, Sequence[Target]]
"""Where each kind of message goes."""


def find_targets(settings: Settings, read_secret: ReadSecret) -> Targets:
    """Where alerts go, and where reminders do: with the alerts, unless something else is set.

    Raises ConfigurationError.
    """
    alerts = _targets(settings.alert_urls, "SPBE_ALERT_URLS", read_secret)
    return {ALERT: alerts, REMINDER: _targets(settings.reminder_urls, "SPBE_REMINDER_URLS", read_secret) or alerts}


def by_key(targets: Targets) -> dict[str, Target]:
    """Each target once, by what the state knows it by."""
    return {target.key: target for several in targets.values() for target in several}


def through_apprise(url: str, message: Message) -> bool:
    """Send by Apprise, as plain text; raises whatever it raises, here and never in the thread, which would print it."""
    came: list[bool | BaseException] = []

    def send() -> None:
        try:
            came.append(_notify(url, message))
        except BaseException as error:  # noqa: BLE001 - a thread's own way to tell of it shows the address
            came.append(error)

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    thread.join(MOST_SECONDS)
    if came and isinstance(came[0], BaseException):
        raise came[0]
    return bool(came and came[0])


def is_taken(send: Send, target: Target, message: Message) -> bool:
    """Whether a target took a message. Whatever goes wrong there is logged by its kind, never by its words."""
    try:
        taken = send(target.url, message)
    except Exception as error:  # noqa: BLE001 - a service's plugin may raise anything; the next check tries again
        log.error("%s: not delivered (%s)", target.name, type(error).__name__)
        return False
    if not taken:
        log.error("%s: not delivered; the address may be wrong, or the service doesn't answer", target.name)
    return taken


def _notify(url: str, message: Message) -> bool:
    with _silenced():
        from apprise import Apprise, AppriseAsset, NotifyFormat

        asset = AppriseAsset(
            app_id="spbe-etl", app_desc="spbe-etl", app_url="", image_url_mask="", image_url_logo="", async_mode=False
        )
        plugin = Apprise.instantiate(url, asset=asset)
        if plugin is None:
            return False
        plugin.notify_format = NotifyFormat.TEXT
        service = Apprise(asset=asset)
        service.add(plugin)
        return bool(service.notify(message.body, message.title, body_format=NotifyFormat.TEXT))


@contextmanager
def _silenced() -> Iterator[None]:
    """Without the services' own log lines: they'd tell whom we write to, and with which token."""
    with _turn:
        _silent.append(threading.get_ident())
        _let_speak(False)
    try:
        yield
    finally:
        with _turn:
            _silent.remove(threading.get_ident())
            _let_speak(not _silent)


def _let_speak(wanted: bool) -> None:
    for name in CHATTY:
        chatty = logging.getLogger(name)
        chatty.propagate = wanted
        if not chatty.handlers:
            chatty.addHandler(logging.NullHandler())


def _targets(setting: SecretStr, name: str, read_secret: ReadSecret) -> list[Target]:
    found: dict[str, Target] = {}
    for number, entry in enumerate(_entries(setting.get_secret_value()), start=1):
        is_secret = entry.startswith(SECRET)
        for url in _entries(read_secret(entry.removeprefix(SECRET))) if is_secret else [entry]:
            if not (shape := URL.fullmatch(url)):
                raise ConfigurationError(
                    f"{name}: entry {number} is neither an Apprise URL, such as mailto://user:password@host, nor "
                    f"secret:NAME. Separate several by commas or spaces. (It isn't shown: it may hold a password.)"
                )
            key = hashlib.sha256(url.encode()).hexdigest()[:12]
            found[key] = Target(key, f"{shape[1].lower()} {key[:6]}", url)
    return list(found.values())


def _entries(text: str) -> list[str]:
    return [entry for one in NEXT_ENTRY.split(text.strip()) if (entry := one.strip(", \t\r\n"))]
