"""Districts as spreadsheets on the Sheets server, sources that read them, and time that costs nothing.

`Scripted` is a second, dumb server: it sends exactly the bytes that it's told to.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from conftest import District, Mart
from sheets_server import Drive, FakeClock, SheetsServer
from sheets_server.tokens import Accounts, key_pair

from spbe_etl.composition import google_limits
from spbe_etl.google.client import Google, Limits
from spbe_etl.google.credentials import READ_SCOPES, Account
from spbe_etl.google.quota import Budget, Clock, Throttle
from spbe_etl.settings import Settings
from spbe_etl.sources.google import GoogleSource

READER, WRITER = "pembaca@contoh.iam.gserviceaccount.com", "penulis@contoh.iam.gserviceaccount.com"
NO_LIMIT = 1_000_000
IMPATIENT = 0.3
"""Seconds that a request may take where a test has to wait for it."""
MOVING_COLUMNS = frozenset(
    {"workbook", "fetched_at", "started_at", "finished_at", "run_id", "api_calls", "content_hash"}
)
"""What differs between sources and runs by its nature."""


class _Skipped(threading.local):
    """Seconds that a thread slept through without waiting; another's request isn't late because of them."""

    seconds = 0.0


_skipped = _Skipped()


def _skip(seconds: float) -> None:
    _skipped.seconds += seconds


HURRIED = Clock(now=lambda: time.monotonic() + _skipped.seconds, sleep=_skip)
"""Real time, in which nobody waits for the next try."""


def clock_of(fake: FakeClock) -> Clock:
    return Clock(now=fake.now, sleep=fake.sleep)


def limits(clock: Clock, **google: Any) -> Limits:
    """Limits of a run from settings without their prefix; unless told otherwise no quota stands in the way."""
    chosen = {"reads_per_minute": NO_LIMIT, "writes_per_minute": NO_LIMIT, "project_per_minute": NO_LIMIT, **google}
    return google_limits(Settings(**{f"google_{name}": value for name, value in chosen.items()}), clock=clock)


def client(
    server: SheetsServer, clock: Clock, email: str = READER, scopes: tuple[str, ...] = READ_SCOPES, **google: Any
) -> Google:
    """A new run's client of a server."""
    return Google(Account(email, server.account(email)), limits(clock, **google), server.endpoint, scopes)


@dataclass
class Town:
    """A district's spreadsheets on a server. `ids`: spreadsheet by the reference that the district uses."""

    server: SheetsServer
    register_id: str
    ids: Mapping[str, str]
    clock: Clock
    folder: Path
    """The same workbooks as files, as they were at first."""

    @property
    def drive(self) -> Drive:
        return self.server.drive

    def source(self, clock: Clock | None = None, **google: Any) -> GoogleSource:
        """Tonight's: every run makes its own."""
        return GoogleSource(client(self.server, clock or self.clock, **google), [self.register_id])

    def set(self, reference: str, cell: str, value: object, sheet: str = "Penilaian") -> None:
        """Someone types into a cell of an OPD's spreadsheet, or of the register (`register`)."""
        self.drive.set_cell(self.ids[reference], sheet, cell, value)

    def set_unnoticed(self, reference: str, cell: str, value: object, sheet: str = "Penilaian") -> None:
        """A cell changes and the file's modified time doesn't, as with IMPORTRANGE and forms."""
        file = self.drive.file(self.ids[reference])
        before = file.modified
        self.set(reference, cell, value, sheet)
        file.modified = before

    def refill(self, folder: Path, references: Iterable[str]) -> None:
        """Spreadsheets of OPD become what their files in a folder are now."""
        for reference in references:
            file = self.drive.file(self.ids[reference])
            file.content, file.book = (folder / f"{reference}.xlsx").read_bytes(), None
            self.drive.touch(file.id)


def open_town(folder: Path, clock: Clock | None = None) -> Town:
    """A folder's workbooks in a Drive that the reader can see; its server is still to be started."""
    drive = Drive()
    register_id = drive.add_institution(folder, [READER], [WRITER])
    ids = {name.removesuffix(".xlsx"): one for name, one in drive.institution(register_id).items()}
    return Town(SheetsServer(drive), register_id, ids, clock or clock_of(FakeClock()), folder)


@contextmanager
def town_of(folder: Path, district: District) -> Iterator[Town]:
    """A district's workbooks, served until the context is left."""
    town = open_town(district.write_xlsx(folder))
    with town.server:
        yield town


class WatchedThrottle(Throttle):
    """Knows how many calls are under way: let through, and neither passed nor refused yet."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._watch = threading.Lock()
        self.under_way = 0

    def _count(self, calls: int) -> None:
        with self._watch:
            self.under_way += calls

    def _take(self) -> int:
        wait_ms = super()._take()
        self._count(int(wait_ms == 0))
        return wait_ms

    def passed(self) -> None:
        super().passed()
        self._count(-1)

    def refused(self, retry_after: float | None) -> bool:
        self._count(-1)  # first: who sleeps holds the lock that's asked for next
        return super().refused(retry_after)


class PatientClock:
    """A fake clock that moves on only when every call that was let through has its answer.

    Without that a call could be late, in no time at all, because another thread sleeps through a minute.
    """

    def __init__(self) -> None:
        self.fake = FakeClock()
        self.throttles: list[WatchedThrottle] = []

    def now(self) -> float:
        return self.fake.now()

    def sleep(self, seconds: float) -> None:
        patience = time.monotonic() + 20
        while any(one.under_way for one in self.throttles):
            assert time.monotonic() < patience, "something that was let through was never answered"
            time.sleep(0.0005)
        self.fake.sleep(seconds)

    def throttle(self, per_minute: int, kind: str = "read") -> WatchedThrottle:
        self.throttles.append(WatchedThrottle(kind, per_minute, Clock(self.now, self.sleep)))
        return self.throttles[-1]

    def limits(self, per_minute: int) -> Limits:
        """Of a run without retries."""
        reads, writes = self.throttle(per_minute), self.throttle(per_minute, "write")
        return Limits(reads, writes, Budget(0), clock=Clock(self.now, self.sleep))


# What's published


def published(mart: Mart, replaced: Mapping[str, str] | None = None) -> dict[str, list[tuple[Any, ...]]]:
    """Every table of mart as sorted rows, without what moves; words in `replaced` are replaced in texts."""
    tables = mart.rows("SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'mart' ORDER BY ALL")
    columns: dict[str, list[str]] = {}
    for row in tables:
        if row["column_name"] not in MOVING_COLUMNS:
            columns.setdefault(row["table_name"], []).append(row["column_name"])
    found = {}
    for table, names in columns.items():
        chosen = ", ".join(f'"{name}"' for name in names)
        rows = mart.connection.execute(f"SELECT {chosen} FROM mart.{table}").fetchall()
        found[table] = sorted((tuple(_replaced(one, replaced or {}) for one in row) for row in rows), key=repr)
    return found


def _replaced(value: Any, replaced: Mapping[str, str]) -> Any:
    if not isinstance(value, str):
        return value
    for old, new in replaced.items():
        value = value.replace(old, new)
    return value


# Secrets

_TOKENS = re.compile(r"ya29\.c\.|Bearer (?!realm)\S|eyJ[\w-]{20,}|assertion=\w")


def secrets_in(text: str) -> list[str]:
    """Lines of the private key, access tokens and signed assertions that stand in a text."""
    key_lines = [line for line in key_pair()[0].splitlines() if len(line) > 40]
    return [line for line in key_lines if line in text] + _TOKENS.findall(text)


def texts_of(error: BaseException) -> Iterator[str]:
    """Everything that an error and those behind it could be made to say."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield from (str(one), repr(one), repr(one.args))
        waiting += [one.__cause__, one.__context__]


# A server that says what it's told to

Piece = bytes | float
Reply = Sequence[Piece]
"""Bytes as they go out, and seconds to wait between them; the connection is closed afterwards."""


def reply(status: int, body: bytes | Mapping[str, Any] | list[Any], **headers: str) -> Reply:
    """A plain answer; names of headers with _ for -."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status} Scripted", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in ({"Content-Length": str(len(content))} | named).items() if value]
    return ["\r\n".join([*lines, "", ""]).encode() + content]


def chunked(pieces: Iterable[bytes], end: bytes = b"0\r\n\r\n", **headers: str) -> Reply:
    """An answer in chunks of its own sizes, each sent alone."""
    (head,) = reply(200, b"", Content_Length="", Transfer_Encoding="chunked", **headers)
    return [head, *(b"%x\r\n%b\r\n" % (len(one), one) for one in pieces), end]  # type: ignore[list-item]


TOKEN: Reply = reply(200, {"access_token": "ya29.c.scripted", "expires_in": 3600, "token_type": "Bearer"})


@dataclass
class Scripted:
    """Gives its replies one after the other, the last one again and again; tokens are `token`."""

    replies: list[Reply]
    token: Reply = field(default_factory=lambda: TOKEN)
    requests: list[tuple[str, str, Mapping[str, str], bytes]] = field(default_factory=list)
    endpoint: str = ""

    def __enter__(self) -> Scripted:
        script = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                for piece in script.next(self.command, self.path, dict(self.headers), body):
                    if isinstance(piece, float):
                        time.sleep(piece)
                    else:
                        self.wfile.write(piece)
                self.close_connection = True

            do_POST = do_GET  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that hung up."""

        self._http = Server(("127.0.0.1", 0), Handler)
        self._lock = threading.Lock()
        self.endpoint = f"http://127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def next(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        with self._lock:
            if path == "/token":
                return self.token
            self.requests.append((method, path, headers, body))
            return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def client(self, clock: Clock, scopes: tuple[str, ...] = READ_SCOPES, **google: Any) -> Google:
        account = Account(READER, Accounts().info(READER, f"{self.endpoint}/token"))
        return Google(account, limits(clock, **google), self.endpoint, scopes)
