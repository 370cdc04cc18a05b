"""The client: which faults pass, what is asked again and how often, what a refusal says, and that no secret leaks."""

from __future__ import annotations

import csv
import gzip
import json
import logging
import math
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import google.auth._exponential_backoff
import pytest
from conftest import District, answer, penilaian
from google_nights import (
    HURRIED,
    IMPATIENT,
    READER,
    WRITER,
    PatientClock,
    Reply,
    Scripted,
    Town,
    chunked,
    client,
    clock_of,
    limits,
    reply,
    secrets_in,
    texts_of,
    town_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from sheets_server import FakeClock, Fault, Quota, SheetsServer

from spbe_etl.creating import create_spreadsheets
from spbe_etl.errors import ConfigurationError, SourceError
from spbe_etl.google import transport
from spbe_etl.google.client import FILES, Google, Limits
from spbe_etl.google.credentials import CREATE_SCOPES, READ_SCOPES, WRITE_SCOPES, Account, load_account
from spbe_etl.google.grid import FIELDS, read_spreadsheet
from spbe_etl.google.marking import changes_for
from spbe_etl.google.problems import GoogleRefusedError, GoogleUnreachableError
from spbe_etl.google.quota import Budget, Throttle
from spbe_etl.google.transport import checked_endpoint
from spbe_etl.instruments import load_instruments
from spbe_etl.marks import Marks
from spbe_etl.resources import SEEDS
from spbe_etl.sources.google import FILE_FIELDS, GoogleSource

RETRIES, USUAL_RETRIES = 5, 15
MANY = 60
"""Faults that no run outlasts; one that did would tell, and not go on for ever."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PASSING = ("408", "429", "429_retry_after", "500", "502", "503", "refuse", "cut", "cut_chunked", "invalid_json", "html")
AMBIGUOUS = ("408", "500", "502", "503", "refuse", "cut", "cut_chunked", "invalid_json", "html")
"""After these nobody knows whether a change was made."""
NOTHING: Reply = reply(200, {})
A_CHANGE = [{"updateSpreadsheetProperties": {"properties": {"title": "Baru"}, "fields": "title"}}]


@dataclass
class Asked:
    """A spreadsheet on a server, and one run's client of it, in a time that stands still."""

    town: Town
    time: FakeClock

    @property
    def server(self) -> SheetsServer:
        return self.town.server

    @property
    def book(self) -> str:
        return self.town.ids["a"]

    def client(self, email: str = READER, scopes: tuple[str, ...] = READ_SCOPES, **google: Any) -> Google:
        return client(self.server, clock_of(self.time), email, scopes, **{"retries": RETRIES, **google})

    @property
    def waited(self) -> list[float]:
        return [seconds for seconds in self.time.slept if seconds]

    def impatient(self, **google: Any) -> Google:
        """For faults that take real time."""
        return client(self.server, HURRIED, **{"retries": RETRIES, "timeout_seconds": IMPATIENT, **google})

    def fault(self, kind: str, match: Any = None, times: float = MANY, **more: Any) -> None:
        self.server.faults.append(Fault(kind, match, times, **more))


@pytest.fixture(scope="module")
def shared_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    district = District(opd=[("A", "Dinas A", "Dinas", "a", "Ya")], books={"a": penilaian(answer(2025, 1, 3))})
    with town_of(tmp_path_factory.mktemp("town"), district) as town:
        yield town


@pytest.fixture
def asked(shared_town: Town) -> Iterator[Asked]:
    """Each test finds the server as new."""
    server = shared_town.server
    server.calls.clear()
    yield Asked(shared_town, FakeClock())
    server.faults.clear()
    server.accounts.forget_tokens()
    for email in (READER, WRITER):
        server.accounts._known[email] = True


@pytest.fixture(scope="module")
def scripted() -> Iterator[Scripted]:
    with Scripted([NOTHING]) as server:
        yield server


@pytest.fixture(autouse=True)
def quick_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """google-auth waits a second or two before it asks for a token again."""
    monkeypatch.setattr(google.auth._exponential_backoff, "time", SimpleNamespace(sleep=lambda seconds: None))


def unreachable(asking: Callable[[], object]) -> GoogleUnreachableError:
    with pytest.raises(GoogleUnreachableError) as caught:
        asking()
    return caught.value


def refused(asking: Callable[[], object]) -> GoogleRefusedError:
    with pytest.raises(GoogleRefusedError) as caught:
        asking()
    return caught.value


# --- what is asked, and what comes ---------------------------------------------------------------------------------


def test_a_spreadsheet_is_one_request_and_comes_whole(asked: Asked) -> None:
    reader = asked.client()
    found = read_spreadsheet(asked.book, reader.spreadsheet(asked.book, FIELDS))
    assert [sheet.title for sheet in found.worksheets] == ["Penilaian"]
    assert len(found.worksheets[0].cells) == 7 + 5
    (call,) = [one for one in asked.server.calls if one.kind != "token"]
    assert (call.method, call.path, call.account) == ("GET", f"/v4/spreadsheets/{asked.book}", READER)
    assert reader.calls == asked.server.count() == 1


def test_files_come_page_by_page(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked.server.drive_api, "page_size", 1)
    reader = asked.client()
    files = reader.files(FILES, FILE_FIELDS)
    assert {one["id"] for one in files} == {asked.book, asked.town.register_id}
    assert reader.calls == asked.server.count("drive") == 2


def test_an_upload_is_metadata_and_workbook_in_one_request(asked: Asked, tmp_path: Path) -> None:
    drive = asked.town.drive
    folder = drive.shared_drive("Drive Bersama", [WRITER])
    writer = asked.client(WRITER, CREATE_SCOPES)
    content = (asked.town.folder / "a.xlsx").read_bytes()
    about = {"name": "Dinas Émas", "mimeType": "application/vnd.google-apps.spreadsheet", "parents": [folder]}
    made = drive.file(writer.upload("Dinas Émas", about, content, XLSX)["id"])
    assert (made.name, made.mime, made.parents) == ("Dinas Émas", about["mimeType"], [folder])
    assert drive.values(made.id, "Penilaian") == drive.values(asked.book, "Penilaian")
    (call,) = [one for one in asked.server.calls if one.kind != "token"]
    assert (call.method, call.path, call.query["uploadType"]) == ("POST", "/upload/drive/v3/files", ["multipart"])


def test_an_upload_keeps_every_byte() -> None:
    content = b"--\r\n\r\n--x--\r\n\x00\xff" * 5
    with Scripted([NOTHING]) as server:
        server.client(clock_of(FakeClock()), CREATE_SCOPES).upload("Dinas A", {"name": "a"}, content, XLSX)
    ((_, _, headers, body),) = server.requests
    kind, _, boundary = headers["Content-Type"].partition("; boundary=")
    assert kind == "multipart/related"
    mark = b"--" + boundary.encode()
    _, about, media, end = body.split(mark)
    assert json.loads(about.partition(b"\r\n\r\n")[2]) == {"name": "a"}
    head, _, sent = media.partition(b"\r\n\r\n")
    assert XLSX.encode() in head
    assert (sent, end) == (content + b"\r\n", b"--\r\n")


# --- faults that pass ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", PASSING)
def test_a_passing_fault_is_asked_again(asked: Asked, kind: str) -> None:
    whole = asked.client().spreadsheet(asked.book, FIELDS)
    asked.server.calls.clear()
    asked.fault(kind, times=2)
    reader = asked.client()
    assert reader.spreadsheet(asked.book, FIELDS) == whole
    assert reader.calls == asked.server.count() == 3
    assert len(asked.waited) == 2


@pytest.mark.parametrize(("kind", "delay"), [("slow", 1.0), ("drip", 0.05)])
@pytest.mark.parametrize("match", ["/v4/", "/drive/"])
def test_an_answer_that_takes_too_long_is_asked_again(asked: Asked, kind: str, delay: float, match: str) -> None:
    asked.fault(kind, match, times=2, delay=delay)
    reader = asked.impatient()
    began = time.monotonic()
    assert reader.spreadsheet(asked.book, FIELDS) if match == "/v4/" else reader.files(FILES, FILE_FIELDS)
    assert reader.calls == 3
    assert 2 * IMPATIENT <= time.monotonic() - began < 2 * IMPATIENT + 1.5


@pytest.mark.parametrize("kind", ["429", "503", "drive_rate_limit"])
def test_a_listing_is_asked_again(asked: Asked, kind: str) -> None:
    asked.fault(kind, "/drive/v3/files", times=2)
    reader = asked.client()
    assert len(reader.files(FILES, FILE_FIELDS)) == 2
    assert reader.calls == asked.server.count() == 3


def test_a_later_page_that_fails_is_asked_again_alone(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked.server.drive_api, "page_size", 1)
    asked.fault("503", lambda call: "pageToken" in call.query, times=2)
    assert len(asked.client().files(FILES, FILE_FIELDS)) == 2
    assert ["pageToken" in one.query for one in asked.server.calls if one.kind == "drive"] == [False, True, True, True]


@pytest.mark.parametrize("reason", ["rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"])
@pytest.mark.parametrize("place", ["errors", "details"])
def test_a_rate_limit_by_any_name_passes(reason: str, place: str) -> None:
    limited = reply(403, {"error": {"code": 403, "message": "Slow down", place: [{"reason": reason}]}})
    with Scripted([limited, limited, NOTHING]) as server:
        assert server.client(clock_of(FakeClock())).spreadsheet("x", FIELDS) == {}
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    "broken",
    {
        "nothing": b"",
        "null": b"null",
        "a list": b"[]",
        "a number": b"7",
        "half": b'{"sheets": [',
        "text after it": b"{} {}",
        "deep": b'{"a":' * 50_000,
        "not utf-8": b'{"a": "\xff\xfe"}',
        "an error": b'{"error": {"code": 500}}',
    }.items(),
    ids=lambda one: one[0],
)
def test_a_body_that_is_no_json_object_passes(broken: tuple[str, bytes]) -> None:
    with Scripted([reply(200, broken[1]), NOTHING]) as server:
        assert server.client(clock_of(FakeClock())).spreadsheet("x", FIELDS) == {}
    assert len(server.requests) == 2


BODY = json.dumps({"text": "Kabupaten Kepulauan Selayar " * 200}).encode()
GZIPPED = gzip.compress(BODY)


@pytest.mark.parametrize(
    ("sent", "is_whole"),
    {
        "in small chunks": (chunked([BODY[no : no + 7] for no in range(0, len(BODY), 7)]), True),
        "compressed": (chunked([GZIPPED], Content_Encoding="gzip"), True),
        "compressed, byte by byte": (
            chunked([GZIPPED[no : no + 1] for no in range(len(GZIPPED))], Content_Encoding="gzip"),
            True,
        ),
        "compressed, with a length": (reply(200, GZIPPED, Content_Encoding="gzip"), True),
        "without a length": (reply(200, BODY, Content_Length=""), True),
        "half of the compressed": (chunked([GZIPPED[: len(GZIPPED) // 2]], Content_Encoding="gzip"), False),
        "compressed in name only": (chunked([BODY], Content_Encoding="gzip"), False),
        "a chunk without an end": (chunked([BODY], end=b""), False),
        "a length that isn't a number": (chunked([BODY], end=b"what\r\n"), False),
        "fewer bytes than promised": (reply(200, BODY, Content_Length=str(len(BODY) + 1)), False),
        "nothing at all": ([], False),
        "no status": ([b"\x00\x01\x02\r\n\r\n"], False),
        "half of the headers": ([b"HTTP/1.1 200 OK\r\nContent-"], False),
    }.values(),
    ids=lambda one: None,
)
def test_an_answer_is_whole_or_is_asked_again(sent: Reply, is_whole: bool) -> None:
    with Scripted([sent, reply(200, BODY)]) as server:
        assert server.client(clock_of(FakeClock())).spreadsheet("x", FIELDS) == json.loads(BODY)
    assert len(server.requests) == (1 if is_whole else 2)


def test_a_huge_answer_is_given_up(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MOST_BYTES", 1024**2)
    bomb = gzip.compress(b" " * (30 * 1024**2))
    with Scripted([reply(200, bomb, Content_Encoding="gzip")]) as server:
        error = refused(lambda: server.client(clock_of(FakeClock())).spreadsheet("x", FIELDS))
    assert error.status == "too_large"
    assert "lebih dari 1 MB" in str(error)
    assert len(server.requests) == 1


# --- how long is waited --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["429_retry_after", "429"])
def test_what_google_asks_for_is_waited(asked: Asked, kind: str) -> None:
    asked.fault(kind, times=1, retry_after=17)
    asked.client().spreadsheet(asked.book, FIELDS)
    assert asked.waited == [17]


@pytest.mark.parametrize("status", [429, 503, 500])
def test_a_moment_in_retry_after_is_waited_for(status: int) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    fake = FakeClock()
    with Scripted([reply(status, b"", Retry_After=moment), NOTHING]) as server:
        server.client(clock_of(fake)).spreadsheet("x", FIELDS)
    (waited,) = filter(None, fake.slept)
    assert 36 < waited <= 40


@pytest.mark.parametrize("header", ["", "soon", "-5", "1.5", "99999-99-99"])
def test_a_retry_after_that_says_nothing_is_passed_over(header: str) -> None:
    fake = FakeClock()
    with Scripted([reply(503, b"", Retry_After=header), NOTHING]) as server:
        server.client(clock_of(fake)).spreadsheet("x", FIELDS)
    (waited,) = fake.slept
    assert 0 <= waited <= 0.5


def test_without_it_the_wait_is_random_and_grows_to_its_end(asked: Asked) -> None:
    first, last = [], []
    for _ in range(12):
        asked.time.slept.clear()
        asked.fault("503", times=9)
        asked.client(retries=9).spreadsheet(asked.book, FIELDS)
        first.append(asked.time.slept[0])
        last.append(asked.time.slept[-1])
    assert len(set(first)) == len(set(last)) == 12
    assert max(first) <= 0.5
    assert 2 < max(last) <= 32


@pytest.mark.parametrize(
    ("status", "seconds", "is_waited"),
    [(503, 120, True), (503, 121, False), (503, 3600, False), (429, 180, True), (429, 181, False), (429, 3600, False)],
)
def test_an_hour_isnt_waited(status: int, seconds: int, is_waited: bool) -> None:
    """Neither by who was told, nor by who comes after."""
    fake = FakeClock()
    busy = reply(status, b"", Retry_After=str(seconds))
    with Scripted([busy, NOTHING]) as server:
        reader = server.client(clock_of(fake), retries=USUAL_RETRIES)
        if is_waited:
            assert reader.spreadsheet("x", FIELDS) == {}
        else:
            unreachable(lambda: reader.spreadsheet("x", FIELDS))
            assert (len(server.requests), list(filter(None, fake.slept))) == (1, [])
        server.replies = [reply(503, b""), NOTHING]
        if not is_waited:
            assert reader.spreadsheet("y", FIELDS) == {}
    assert max(fake.slept, default=0) <= 180


def test_who_comes_after_a_refusal_waits_too(asked: Asked) -> None:
    """The quota is the account's: one thread that goes on asking would keep all of them out."""
    asked.fault("429", times=1)
    reader = asked.client(retries=USUAL_RETRIES)
    reader.spreadsheet(asked.book, FIELDS)
    assert asked.waited == [1]
    asked.fault("429", times=3)
    reader.spreadsheet(asked.book, FIELDS)
    assert asked.waited == [1, 1, 2, 4], "longer each time, and short again after an answer"
    asked.fault("429", times=9)
    reader.spreadsheet(asked.book, FIELDS)
    assert max(asked.waited) == 32


# --- how often is asked again --------------------------------------------------------------------------------------


def test_retries_are_the_runs_not_the_requests(asked: Asked) -> None:
    reader = asked.client()
    asked.fault("503", times=RETRIES - 1)
    assert reader.spreadsheet(asked.book, FIELDS)
    asked.fault("503")
    error = unreachable(lambda: reader.spreadsheet(asked.book, FIELDS))
    assert not error.may_be_done
    assert reader.calls == asked.server.count() == 1 + (RETRIES - 1) + 1 + 1
    unreachable(lambda: reader.files(FILES, FILE_FIELDS))
    assert reader.calls == asked.server.count() == 1 + (RETRIES - 1) + 1 + 1 + 1


def test_refusals_for_lack_of_quota_cost_no_retry(asked: Asked) -> None:
    reader = asked.client(retries=1)
    asked.fault("429", times=3)
    assert reader.spreadsheet(asked.book, FIELDS)
    asked.fault("503", times=1)
    assert reader.spreadsheet(asked.book, FIELDS)


def test_pauses_for_lack_of_quota_are_the_runs_not_the_requests(asked: Asked) -> None:
    reader = asked.client(retries=USUAL_RETRIES)
    asked.fault("429", times=1, retry_after=150)
    assert reader.spreadsheet(asked.book, FIELDS)
    asked.fault("429", times=1, retry_after=31)
    unreachable(lambda: reader.spreadsheet(asked.book, FIELDS))
    assert asked.waited == [150]
    asked.fault("429", times=1, retry_after=30)
    assert reader.spreadsheet(asked.book, FIELDS)
    assert asked.waited == [150, 30]


def test_threads_that_are_refused_together_pause_once_and_all_get_their_answer(asked: Asked) -> None:
    clock = PatientClock()
    asked.server.quota = Quota(reads_per_minute_user=3, clock=clock.fake)
    account = Account(READER, asked.server.account(READER))
    reader = Google(account, clock.limits(1000), asked.server.endpoint)
    try:
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: reader.spreadsheet(asked.book, "spreadsheetId"), range(6)))
    finally:
        asked.server.quota = None
    assert answers == [{"spreadsheetId": asked.book}] * 6
    assert sum(clock.fake.slept) < 180


def test_without_retries_one_fault_is_the_end(asked: Asked) -> None:
    asked.fault("500", times=1)
    reader = asked.client(retries=0)
    unreachable(lambda: reader.spreadsheet(asked.book, FIELDS))
    assert reader.spreadsheet(asked.book, FIELDS)


def test_retries_are_shared_by_threads(asked: Asked) -> None:
    asked.fault("503")
    reader = asked.client()
    with ThreadPoolExecutor(4) as pool:
        errors = list(pool.map(lambda _: unreachable(lambda: reader.spreadsheet(asked.book, FIELDS)), range(8)))
    assert len(errors) == 8
    assert reader.calls == asked.server.count() == 8 + RETRIES


def test_where_nothing_listens_nobody_is_reached() -> None:
    with Scripted([NOTHING]) as server:
        reader = server.client(clock_of(FakeClock()), retries=2)
        reader.spreadsheet("x", FIELDS)
    error = unreachable(lambda: reader.spreadsheet("x", FIELDS))
    assert str(error) == "x: Google belum dapat dihubungi (ConnectionError). Akan dicoba lagi pada malam berikutnya."
    assert reader.calls == 1 + 3


# --- changes are sent once -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", AMBIGUOUS)
def test_a_change_that_may_be_made_isnt_sent_again(asked: Asked, kind: str) -> None:
    writer = asked.client(WRITER, WRITE_SCOPES)
    asked.fault(kind, times=1)
    error = unreachable(lambda: writer.change(asked.book, A_CHANGE))
    assert error.may_be_done
    assert writer.calls == asked.server.count("sheets.write") == 1


def test_a_change_whose_answer_is_late_isnt_sent_again(asked: Asked) -> None:
    writer = client(asked.server, HURRIED, WRITER, WRITE_SCOPES, timeout_seconds=IMPATIENT)
    asked.fault("slow", times=1, delay=1.0)
    assert unreachable(lambda: writer.change(asked.book, A_CHANGE)).may_be_done
    assert asked.server.count("sheets.write") == 1


@pytest.mark.parametrize("kind", ["429", "429_retry_after"])
def test_a_change_that_was_refused_is_sent_again(asked: Asked, kind: str) -> None:
    writer = asked.client(WRITER, WRITE_SCOPES)
    asked.fault(kind, times=2)
    assert writer.change(asked.book, A_CHANGE)["spreadsheetId"] == asked.book
    assert asked.server.count("sheets.write") == 3
    assert asked.town.drive.file(asked.book).name == "Baru"


@pytest.mark.parametrize("kind", ["429", "drive_rate_limit"])
def test_an_upload_that_was_refused_is_sent_again(asked: Asked, kind: str) -> None:
    folder = asked.town.drive.shared_drive("Drive Bersama", [WRITER])
    writer = asked.client(WRITER, CREATE_SCOPES)
    asked.fault(kind, "/upload/", times=2)
    made = writer.upload("Dinas A", {"name": "a", "parents": [folder]}, b"x", XLSX)
    assert asked.town.drive.find(made["id"]) is not None
    assert asked.server.count("drive") == 3


def test_an_upload_that_may_be_made_isnt_sent_again(asked: Asked) -> None:
    asked.fault("cut", "/upload/", times=1)
    upload = asked.client(WRITER, CREATE_SCOPES).upload
    assert unreachable(lambda: upload("Dinas A", {"name": "a"}, b"x", XLSX)).may_be_done
    assert asked.server.count("drive") == 1


def test_a_change_that_was_never_let_through_wasnt_made(asked: Asked) -> None:
    asked.fault("429")
    error = unreachable(lambda: asked.client(WRITER, WRITE_SCOPES, retries=USUAL_RETRIES).change(asked.book, A_CHANGE))
    assert not error.may_be_done
    assert "kuota permintaan Google sedang habis" in str(error)
    assert asked.server.count() == 1 + len(asked.waited)
    assert 60 < sum(asked.waited) <= 180, "longer than a quota's minute, and not for ever"


def test_a_change_is_sent_again_with_a_new_token(asked: Asked) -> None:
    writer = asked.client(WRITER, WRITE_SCOPES)
    asked.fault("expired_token", times=1)
    assert writer.change(asked.book, A_CHANGE)
    assert writer.calls == asked.server.count("sheets.write") == 2


# --- what is refused -----------------------------------------------------------------------------------------------


def refusing(status: int, reason: str = "", message: str = "No", place: str = "status") -> GoogleRefusedError:
    """What a client makes of a refusal that the other server has no reason for."""
    body: dict[str, Any] = {"code": status, "message": message}
    body |= {place: reason} if place == "status" else {place: [{"reason": reason}]}
    with Scripted([reply(status, {"error": body})]) as server:
        error = refused(lambda: server.client(clock_of(FakeClock())).spreadsheet("x", FIELDS))
    assert len(server.requests) == (3 if status == 401 else 1)
    return error


@pytest.mark.parametrize("status", [302, 400, 403, 404, 405, 409, 410, 412, 413, 501])
def test_a_refusal_isnt_asked_again(status: int) -> None:
    error = refusing(status)
    assert error.status == str(status)
    assert str(error).startswith("x: ")


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_status_passes(status: int) -> None:
    with Scripted([reply(status, b"Error"), NOTHING]) as server:
        assert server.client(clock_of(FakeClock())).spreadsheet("x", FIELDS) == {}


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["error", "errors", "details", "reason", "status", "message", "x"]), inner)
    ),
    max_leaves=6,
)


@settings(max_examples=150)
@given(
    status=st.sampled_from([200, 200, 201, 204, 301, 400, 403, 403, 404, 429, 500]),
    body=ANY_JSON.map(lambda error: {"error": error}) | ANY_JSON,
)
def test_whatever_is_answered_it_ends_in_an_answer_or_a_known_error(
    scripted: Scripted, status: int, body: object
) -> None:
    scripted.replies = [reply(status, json.dumps(body).encode())]
    told = ""
    try:
        found = scripted.client(clock_of(FakeClock()), retries=1).spreadsheet("x", FIELDS)
    except (GoogleRefusedError, GoogleUnreachableError) as error:
        told = str(error)
    if told:
        assert told.startswith("x: ")
        assert told.isprintable()
    else:
        assert (status, found) == (200, body)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirection_isnt_followed(status: int) -> None:
    with (
        Scripted([NOTHING]) as elsewhere,
        Scripted([reply(status, b"", Location=f"{elsewhere.endpoint}/v4/spreadsheets/x")]) as server,
    ):
        refused(lambda: server.client(clock_of(FakeClock())).spreadsheet("x", FIELDS))
        assert (len(server.requests), elsewhere.requests) == (1, [])


def test_a_refusal_that_never_ends_is_asked_with_a_new_token_only(asked: Asked) -> None:
    asked.fault("expired_token")
    reader = asked.client()
    error = refused(lambda: reader.spreadsheet(asked.book, FIELDS))
    assert error.status == "401"
    assert reader.calls == asked.server.count() <= 3
    asked.server.faults.clear()
    asked.fault("503", times=RETRIES)
    assert reader.spreadsheet(asked.book, FIELDS), "a new token costs no retry"


def change_refused(message: str) -> str:
    with Scripted([reply(400, {"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}})]) as server:
        return str(refused(lambda: server.client(clock_of(FakeClock()), WRITE_SCOPES).change("x", A_CHANGE)))


def fetched(asked: Asked, reference: str, **google: Any) -> str:
    """Why a source couldn't fetch a reference."""
    source = GoogleSource(asked.client(**google), [asked.town.register_id])
    ((one,),) = [list(register.fetch([reference], {})) for register in source.registers()]
    assert one.workbook is None
    return one.reason


def new_file(asked: Asked, **more: Any) -> str:
    """Another spreadsheet with the same content."""
    return asked.town.drive.add_xlsx(asked.town.folder / "a.xlsx", **{"readers": [READER], **more})


def no_more(asked: Asked) -> str:
    file_id = new_file(asked)
    asked.town.drive.trash(file_id)
    return fetched(asked, file_id)


def huge_merge(asked: Asked) -> str:
    file_id = new_file(asked)
    with asked.town.drive.changing(file_id) as book:
        book["sheets"][0]["properties"]["gridProperties"]["rowCount"] = 1_000_000
        book["sheets"][0]["merges"] = [{"startRowIndex": 0, "endRowIndex": 900_000, "endColumnIndex": 2}]
    return fetched(asked, file_id)


def title_taken(asked: Asked) -> str:
    book = asked.client().spreadsheet(asked.book, FIELDS)
    book["sheets"][0]["properties"]["title"] = "hasil pemeriksaan"
    changes, problem = changes_for(asked.book, book, "", Marks(summary=(("x",),)), "1 Juli 2026")
    assert changes == []
    return str(problem)


def with_fault(kind: str, reference: str = "", **more: Any) -> Callable[[Asked], str]:
    def ask(asked: Asked) -> str:
        asked.fault(kind, "/v4/", **more)
        return fetched(asked, reference or asked.book)

    return ask


def disabled(asked: Asked) -> str:
    asked.server.disable(READER)
    return str(refused(lambda: asked.client().spreadsheet(asked.book, FIELDS)))


def writing_with_a_readers_scopes(asked: Asked) -> str:
    return str(refused(lambda: asked.client(WRITER).change(asked.book, A_CHANGE)))


def without_a_shared_drive(asked: Asked) -> str:
    about = {"name": "a", "mimeType": "application/vnd.google-apps.spreadsheet"}
    return str(refused(lambda: asked.client(READER, CREATE_SCOPES).upload("Dinas A", about, b"", XLSX)))


def unknown_folder(asked: Asked) -> str:
    for cell, value in (("A3", "Z"), ("B3", "Dinas Z"), ("E3", "Ya")):
        asked.town.set("register", cell, value, "OPD")
    writer = asked.client(WRITER, CREATE_SCOPES)
    made = create_spreadsheets(writer, asked.town.register_id, "0Axyz", load_instruments()["spbe-2020"], 2025)
    ((reason,),) = [[one.reason for one in made.failed]]
    return reason


REACHED: Mapping[tuple[str, str], Callable[[Asked], str]] = {
    ("not_an_id", "*"): lambda asked: fetched(asked, "lihat email"),
    ("trashed", "*"): no_more,
    ("400", "FAILED_PRECONDITION"): lambda asked: fetched(asked, new_file(asked, mime=XLSX)),
    ("400", "*"): lambda _: str(refusing(400, "INVALID_ARGUMENT")),
    ("401", "*"): with_fault("expired_token"),
    ("403", "SERVICE_DISABLED"): lambda _: str(refusing(403, "SERVICE_DISABLED", place="details")),
    ("403", "accessNotConfigured"): lambda _: str(refusing(403, "accessNotConfigured", place="errors")),
    ("403", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"): writing_with_a_readers_scopes,
    ("403", "storageQuotaExceeded"): without_a_shared_drive,
    ("403", "PERMISSION_DENIED"): lambda asked: fetched(asked, new_file(asked, readers=[])),
    ("403", ""): lambda _: str(refusing(403)),
    ("403", "forbidden"): lambda _: str(refusing(403, "forbidden", place="errors")),
    ("403", "insufficientFilePermissions"): lambda _: str(refusing(403, "insufficientFilePermissions", place="errors")),
    ("404", "*"): lambda asked: fetched(asked, "1" + "a" * 43),
    ("token", "*"): disabled,
    ("unreachable", "*"): with_fault("503"),
    ("quota", "*"): with_fault("429"),
    ("incomplete", "*"): with_fault("empty"),
    ("too_large", "*"): huge_merge,
    ("protected", "*"): lambda _: change_refused("You are trying to edit a protected cell or object."),
    ("title_taken", "*"): title_taken,
    ("folder", "*"): unknown_folder,
    ("*", "*"): lambda _: str(refusing(409, "ABORTED")),
}
with (SEEDS / "google_problem.csv").open(encoding="utf-8", newline="") as file:
    PROBLEMS = {(row["status"], row["reason"]): row["message"] for row in csv.DictReader(file)}


@pytest.mark.parametrize("problem", PROBLEMS, ids="-".join)
def test_each_problem_is_told_in_its_own_words(asked: Asked, problem: tuple[str, str]) -> None:
    template = PROBLEMS[problem]
    told = REACHED[problem](asked)
    subject, _, said = told.partition(": ")
    assert subject
    start, *names = (part.partition("{")[0] for part in template.split("}"))
    for part in (start, *names):
        assert part in said
    assert "{" not in told
    assert told.isprintable()
    assert ("{account}" in template) == any(account in said for account in (READER, WRITER))


def test_no_problem_is_told_that_isnt_in_the_list() -> None:
    assert REACHED.keys() == PROBLEMS.keys()


@pytest.mark.parametrize("reason", ["dailyLimitExceeded", "domainPolicy", "cannotDownloadFile"])
def test_a_403_of_another_kind_isnt_told_as_not_shared(reason: str) -> None:
    told = str(refusing(403, reason, place="errors"))
    assert "belum dibagikan" not in told
    assert f"HTTP 403 {reason}" in told


@pytest.mark.parametrize("odd", ["", "a/b", "a?b", "..", "1abc:batchUpdate", "x" * 201, "a b", "%2e"])
def test_nothing_but_an_id_is_put_into_an_address(odd: str) -> None:
    with Scripted([NOTHING]) as server:
        reader = server.client(clock_of(FakeClock()), WRITE_SCOPES)
        assert refused(lambda: reader.spreadsheet(odd, FIELDS)).status == "not_an_id"
        assert refused(lambda: reader.change(odd, A_CHANGE)).status == "not_an_id"
        assert server.requests == []


def test_a_closed_spreadsheet_says_as_what_it_has_to_be_shared(asked: Asked) -> None:
    file_id = new_file(asked, readers=[])
    reading, writing = asked.client(), asked.client(WRITER, WRITE_SCOPES)
    assert "sebagai Pelihat (Viewer)." in str(refused(lambda: reading.spreadsheet(file_id, FIELDS)))
    assert "sebagai Editor." in str(refused(lambda: writing.change(file_id, A_CHANGE)))


# --- tokens --------------------------------------------------------------------------------------------------------


def token_calls(asked: Asked) -> int:
    return asked.server.count("token")


def test_one_token_serves_a_run(asked: Asked) -> None:
    reader = asked.client()
    for _ in range(3):
        reader.spreadsheet(asked.book, FIELDS)
    assert token_calls(asked) == 1
    assert reader.calls == asked.server.count() == 3, "tokens aren't counted"


def test_an_expired_token_is_renewed_once(asked: Asked) -> None:
    reader = asked.client(retries=0)
    reader.spreadsheet(asked.book, FIELDS)
    asked.fault("expired_token", times=1)
    assert reader.spreadsheet(asked.book, FIELDS)
    assert token_calls(asked) == 2
    assert reader.calls == asked.server.count() == 3


def test_threads_whose_token_expires_all_get_their_answer(asked: Asked) -> None:
    reader = asked.client(retries=0)
    reader.spreadsheet(asked.book, FIELDS)
    asked.fault("expired_token", times=1)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: reader.spreadsheet(asked.book, FIELDS), range(20)))
    assert all(one == answers[0] for one in answers)
    assert reader.calls == asked.server.count() > 21


@pytest.mark.parametrize("kind", ["500", "503", "429", "408", "refuse", "cut", "cut_chunked", "invalid_json", "html"])
def test_a_token_endpoint_that_fails_for_a_moment_is_asked_again(asked: Asked, kind: str) -> None:
    asked.fault(kind, "/token", times=3)
    assert asked.client().spreadsheet(asked.book, FIELDS)
    assert asked.server.count() == 1


def test_a_token_endpoint_that_is_slow_is_asked_again(asked: Asked) -> None:
    asked.fault("slow", "/token", times=2, delay=1.0)
    assert asked.impatient().spreadsheet(asked.book, FIELDS)


def test_a_dripping_token_ends_in_time_too(asked: Asked) -> None:
    asked.fault("drip", "/token", delay=0.02)
    reader = asked.impatient(retries=1)
    began = time.monotonic()
    unreachable(lambda: reader.spreadsheet(asked.book, FIELDS))
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    "token",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'"text"',
        b"\xff",
        b"<html>",
        b'{"access_token": null}',
        b'{"access_token": 7}',
        b'{"access_token": "ya29.c.x", "expires_in": "soon"}',
        b'{"access_token": "ya29.c.x\\ny"}',
    ],
)
def test_a_token_that_is_none_is_a_known_error(token: bytes) -> None:
    with Scripted([NOTHING], token=reply(200, token)) as server, pytest.raises(SourceError):
        server.client(clock_of(FakeClock()), retries=1).spreadsheet("x", FIELDS)


def test_a_token_endpoint_that_stays_down_is_nobodys_fault(asked: Asked) -> None:
    asked.fault("503", "/token")
    error = unreachable(lambda: asked.client().spreadsheet(asked.book, FIELDS))
    assert "(token)" in str(error)
    assert asked.server.count() == 0


def test_an_account_that_is_disabled_meanwhile_is_told(asked: Asked) -> None:
    reader = asked.client()
    reader.spreadsheet(asked.book, FIELDS)
    asked.server.disable(READER)
    error = refused(lambda: reader.spreadsheet(asked.book, FIELDS))
    assert error.status == "token"
    assert READER in str(error)
    assert reader.calls == asked.server.count() == 2


def test_the_key_of_another_account_is_told(asked: Asked) -> None:
    key = {**asked.server.account(READER), "private_key_id": "0" * 40}
    stranger = Google(Account(READER, key), limits(clock_of(asked.time)), asked.server.endpoint)
    assert refused(lambda: stranger.spreadsheet(asked.book, FIELDS)).status == "token"
    assert token_calls(asked) == 1


@pytest.mark.parametrize("change", [{"private_key": "-----BEGIN"}, {"private_key": 7}, {"client_email": ""}, {}])
def test_a_key_that_is_none_is_a_wrong_setting(asked: Asked, change: Mapping[str, object]) -> None:
    key = {**asked.server.account(READER), **change} if change else {"type": "service_account"}
    if change == {"client_email": ""}:
        del key["client_email"]
    with pytest.raises(ConfigurationError) as caught:
        Google(Account(READER, key), limits(clock_of(asked.time)), asked.server.endpoint)
    assert READER in str(caught.value)
    assert not secrets_in(str(caught.value))


def test_the_endpoint_replaces_googles_token_address_too(asked: Asked) -> None:
    key = asked.server.account(READER, google_token_uri=True)
    assert "googleapis" in key["token_uri"]
    reader = Google(Account(READER, key), limits(clock_of(asked.time)), asked.server.endpoint)
    assert reader.spreadsheet(asked.book, FIELDS)
    assert token_calls(asked) == 1


# --- where calls go ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "endpoint",
    ["https://proxy.contoh.go.id", "https://proxy.contoh.go.id/google", "http://127.0.0.1:8080", "http://localhost:1",
     "http://[::1]:8080", "http://127.8.9.1"],
)  # fmt: skip
def test_an_endpoint_is_encrypted_or_here(endpoint: str) -> None:
    assert checked_endpoint(endpoint) == endpoint
    assert checked_endpoint(f"{endpoint}/") == endpoint


@pytest.mark.parametrize(
    "endpoint",
    ["http://proxy.contoh.go.id", "http://127.0.0.1.contoh.id", "http://localhost@contoh.id", "http://localhost.contoh",
     "http://10.0.0.1", "http://0.0.0.0", "ftp://localhost", "localhost:8080", "//localhost", "file:///etc", "http://",
     "http://[::2]", "http://[", "http://[::1"],
)  # fmt: skip
def test_an_open_endpoint_is_a_wrong_setting(endpoint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        checked_endpoint(endpoint)
    assert "SPBE_GOOGLE_ENDPOINT" in str(caught.value)


def test_without_an_endpoint_calls_go_to_google(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str | None] = []

    def send(_: object, request: Any, **kwargs: Any) -> object:
        sent.append(request.url)
        raise ConnectionRefusedError

    monkeypatch.setattr("requests.adapters.HTTPAdapter.send", send)
    monkeypatch.setattr("google.oauth2.service_account.Credentials.before_request", lambda *_: None)
    reader = Google(Account(READER, asked.server.account(READER)), limits(clock_of(asked.time), retries=0))
    unreachable(lambda: reader.spreadsheet("x", "properties"))
    unreachable(lambda: reader.files(FILES, FILE_FIELDS))
    unreachable(lambda: reader.upload("x", {}, b"", XLSX))
    assert [str(one).partition("?")[0] for one in sent] == [
        "https://sheets.googleapis.com/v4/spreadsheets/x",
        "https://www.googleapis.com/drive/v3/files",
        "https://www.googleapis.com/upload/drive/v3/files",
    ]
    assert reader.calls == 3


# --- the quota -----------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(
    per_minute=st.integers(1, 12),
    arrivals=st.lists(st.tuples(st.floats(0, 40), st.floats(0, 0.99)), min_size=1, max_size=60),
)
def test_no_minute_sees_more_than_the_quota(per_minute: int, arrivals: list[tuple[float, float]]) -> None:
    """Each call comes some time after the one before, and is up to a second on its way."""
    fake = FakeClock()
    throttle = Throttle("read", per_minute, clock_of(fake))
    there: list[float] = []
    for gap, way in arrivals:
        fake.sleep(gap)
        throttle.wait()
        there.append(fake.now() + way)
    seen = FakeClock(min(there))
    quota = Quota(reads_per_minute_user=per_minute, clock=seen)
    for moment in sorted(there):
        seen.sleep(moment - seen.now())
        assert quota.refusal(READER, "sheets.read") is None


@settings(max_examples=30)
@given(
    per_minute=st.integers(1, 8),
    threads=st.integers(1, 6),
    gaps=st.lists(st.sampled_from([0, 0, 0, 0.5, 7, 59.9, 61]), min_size=1, max_size=25),
)
def test_threads_share_a_quota(per_minute: int, threads: int, gaps: list[float]) -> None:
    """As the server sees it, with the client's own clock."""
    clock = PatientClock()
    throttle = clock.throttle(per_minute)
    quota = Quota(reads_per_minute_user=per_minute, clock=clock.fake)

    def call(gap: float) -> bool:
        throttle.wait()
        refusal = quota.refusal(READER, "sheets.read")
        throttle.passed()
        if gap:
            clock.sleep(gap)
        return refusal is None

    with ThreadPoolExecutor(threads) as pool:
        assert all(pool.map(call, gaps))


@pytest.mark.parametrize("threads", [1, 4])
def test_602_requests_take_no_longer_than_the_quota_asks(asked: Asked, threads: int) -> None:
    per_minute, requests = 60, 602
    clock = PatientClock()
    quota = Quota(reads_per_minute_user=per_minute, clock=clock.fake)
    account = Account(READER, asked.server.account(READER))
    reader = Google(account, clock.limits(per_minute), asked.server.endpoint)
    asked.server.quota = quota
    began = clock.now()
    try:
        with ThreadPoolExecutor(threads) as pool:
            answers = list(pool.map(lambda _: reader.spreadsheet(asked.book, "spreadsheetId"), range(requests)))
    finally:
        asked.server.quota = None
    assert len(answers) == requests
    assert (quota.refused, asked.server.count()) == (0, requests)
    bound = (math.ceil(requests / per_minute) - 1) * 60
    assert bound <= clock.now() - began <= 1.05 * bound


def test_reads_and_writes_have_quotas_of_their_own(asked: Asked) -> None:
    told: list[tuple[str, str]] = []
    clock = clock_of(asked.time)

    def shared(kind: str, account: str) -> None:
        told.append((kind, account))

    of_run = Limits(
        reads=Throttle("read", 2, clock, shared, WRITER),
        writes=Throttle("write", 1, clock, shared, WRITER),
        budget=Budget(0),
        clock=clock,
    )
    writer = Google(Account(WRITER, asked.server.account(WRITER)), of_run, asked.server.endpoint, WRITE_SCOPES)
    writer.spreadsheet(asked.book, "spreadsheetId")
    writer.change(asked.book, A_CHANGE)
    writer.spreadsheet(asked.book, "spreadsheetId")
    assert asked.time.slept == []
    writer.change(asked.book, A_CHANGE)
    assert asked.time.slept == [pytest.approx(61, abs=0.1)]
    writer.spreadsheet(asked.book, "spreadsheetId")
    writer.spreadsheet(asked.book, "spreadsheetId")
    assert len(asked.time.slept) == 1
    assert told == [(kind, WRITER) for kind in ("read", "write", "read", "write", "read", "read")]


@pytest.mark.parametrize(("of_account", "of_project", "expected"), [(60, 300, 60), (60, 20, 20)])
def test_the_smaller_quota_counts(of_account: int, of_project: int, expected: int) -> None:
    fake = FakeClock()
    chosen = limits(
        clock_of(fake),
        reads_per_minute=of_account,
        writes_per_minute=of_account,
        project_per_minute=of_project,
    )
    for throttle in (chosen.reads, chosen.writes):
        fake.slept.clear()
        fake.sleep(100)
        for _ in range(expected):
            throttle.wait()
        assert len(fake.slept) == 1
        throttle.wait()
        assert len(fake.slept) == 2


def test_calls_that_were_out_together_make_one_pause() -> None:
    fake = FakeClock()
    throttle = Throttle("read", 60, clock_of(fake))
    for _ in range(4):
        throttle.refused(None)
    throttle.wait()
    assert fake.slept == [1]
    throttle.refused(5.0)
    throttle.refused(60.0)
    throttle.wait()
    assert fake.slept == [1, 5]


def test_a_pause_of_reads_is_none_of_writes(asked: Asked) -> None:
    reads, writes = (Throttle(kind, 60, clock_of(asked.time)) for kind in ("read", "write"))
    of_run = Limits(reads, writes, Budget(0), clock=clock_of(asked.time))
    writer = Google(Account(WRITER, asked.server.account(WRITER)), of_run, asked.server.endpoint, WRITE_SCOPES)
    reads.refused(30)
    writer.change(asked.book, A_CHANGE)
    assert asked.waited == []
    writer.spreadsheet(asked.book, "spreadsheetId")
    assert asked.waited == [30]
    asked.fault("429_retry_after", lambda call: call.method == "POST", times=1, retry_after=20)
    writer.change(asked.book, A_CHANGE)
    assert asked.waited == [30, 20]
    asked.fault("429_retry_after", lambda call: call.method == "GET", times=1, retry_after=10)
    writer.spreadsheet(asked.book, "spreadsheetId")
    writes.wait()
    assert asked.waited == [30, 20, 10]


def test_every_try_counts_against_the_quota(asked: Asked) -> None:
    asked.fault("503", times=3)
    asked.client(reads_per_minute=3).spreadsheet(asked.book, "spreadsheetId")
    assert max(asked.time.slept) > 50, "the fourth request waits for the first to be a minute old"


# --- secrets -------------------------------------------------------------------------------------------------------


def test_secrets_are_found_where_they_are(asked: Asked) -> None:
    """The search itself, so that finding nothing means something."""
    key = asked.server.account(READER)
    assert secrets_in(key["private_key"])
    assert secrets_in("Authorization: Bearer ya29.c.abc")
    assert secrets_in("assertion=eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9")
    assert not secrets_in("Google belum dapat dihubungi (token).")


@pytest.fixture
def all_logs(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Everything that anyone logs, at the loudest."""
    names = ("", "google", "google.auth", "gspread", "urllib3", "requests", "spbe_etl")
    loggers = [logging.getLogger(name) for name in names]
    for name in names:
        caplog.set_level(logging.DEBUG, logger=name)
    for one in loggers[1:]:
        one.addHandler(caplog.handler)
    yield caplog
    for one in loggers[1:]:
        one.removeHandler(caplog.handler)


@pytest.mark.parametrize("match", [None, "/token"], ids=["calls", "token"])
def test_no_secret_is_in_any_error_or_log(asked: Asked, all_logs: pytest.LogCaptureFixture, match: str | None) -> None:
    asked.client().spreadsheet(asked.book, FIELDS)
    kinds = (*PASSING, "expired_token", "empty") if match is None else (*PASSING, "empty")
    for kind in kinds:
        asked.fault(kind, match)
        reader = asked.client(retries=1)
        try:
            read_spreadsheet(asked.book, reader.spreadsheet(asked.book, FIELDS))
        except Exception as error:  # noqa: BLE001 - even one that nobody foresaw may not tell
            told = [*texts_of(error), "".join(traceback.format_exception(error)), repr(vars(error))]
            assert not [found for text in told for found in secrets_in(text)], kind
        else:
            pytest.fail(f"{kind} was overcome")
        asked.server.faults.clear()
    asked.server.disable(READER)
    told = list(texts_of(refused(lambda: asked.client().spreadsheet(asked.book, FIELDS))))
    assert not [found for text in told for found in secrets_in(text)]
    assert len(all_logs.records) > 20, "nothing was listened to"
    assert not [found for record in all_logs.records for found in secrets_in(f"{record.getMessage()} {vars(record)}")]


def test_no_secret_is_in_what_is_said_of_a_wrong_key(asked: Asked, tmp_path: Path) -> None:
    key = asked.server.account(READER)
    whole = json.dumps(key)
    broken, other, binary = (tmp_path / name for name in ("broken.json", "other.json", "binary.json"))
    broken.write_text(whole[:-20])
    other.write_text(json.dumps({**key, "type": "authorized_user"}))
    binary.write_bytes(whole.encode("utf-16"))
    for where in (
        whole,
        key["private_key"],
        "x" * 5000,
        str(broken),
        str(other),
        str(binary),
        str(tmp_path),
        "no.json",
    ):
        with pytest.raises(ConfigurationError) as caught:
            load_account(where, "SPBE_GOOGLE_CREDENTIALS")
        assert "SPBE_GOOGLE_CREDENTIALS" in str(caught.value)
        shown = [*texts_of(caught.value), "".join(traceback.format_exception(caught.value))]
        assert not [found for text in shown for found in secrets_in(text)]
    good = tmp_path / "good.json"
    good.write_text(whole)
    assert load_account(str(good), "SPBE_GOOGLE_CREDENTIALS").email == READER


def test_no_secret_is_in_what_stands_for_an_account(asked: Asked) -> None:
    account = Account(READER, asked.server.account(READER))
    reader = asked.client()
    source = GoogleSource(reader, [asked.town.register_id])
    reader.spreadsheet(asked.book, FIELDS)
    for one in (account, reader, source, source.registers(), reader._limits, reader._http):
        assert not secrets_in(f"{one!r} {one}")
    assert READER in repr(account)
