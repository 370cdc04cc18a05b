"""Alerts and reminders: what opens, what recovers, what's told and how often, and what no message ever says."""

from __future__ import annotations

import email
import email.policy
import json
import logging
import os
import socket
import string
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain, product
from pathlib import Path
from time import sleep
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from conftest import FOUR_OPD, District, Nights, answer, penilaian
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from spbe_etl import alerts
from spbe_etl.alerts import delivery, state
from spbe_etl.alerts.causes import CHECKS, LAPSED, OVER, RULES
from spbe_etl.alerts.deadlines import Deadline
from spbe_etl.alerts.facts import Place, together
from spbe_etl.alerts.hours import Hours, expected_night, is_quiet, read_hours
from spbe_etl.alerts.messages import (
    LONGEST_BODY,
    LONGEST_TITLE,
    Message,
    alert_text,
    ending,
    opening,
    reminder,
    rules,
    silencers,
    trial,
)
from spbe_etl.alerts.wording import LONGEST_NAME, harmless, listed, standing, words
from spbe_etl.cli.app import app
from spbe_etl.errors import ConfigurationError
from spbe_etl.resources import seed
from spbe_etl.schedule import Planned
from spbe_etl.settings import Settings
from spbe_etl.summary import failure, keep_summary, summarise
from spbe_etl.warehouse import mart_columns

ZONE = ZoneInfo("Asia/Makassar")
CODE, NAME = "73.01", "Kabupaten Contoh"
PASSWORD = "s4ndi-Rahasia"
TOKEN = "T0kenYangTidakBolehBocor"
ACCOUNT = "pembaca@contoh-spbe.iam.gserviceaccount.com"
SHEET = "1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_abcdEF"
LAST_UPLOAD = date(2026, 9, 15)


def at(night: date | str, clock: str = "06:00") -> datetime:
    """A local time of day on a day, as UTC."""
    return datetime.fromisoformat(f"{night} {clock}").replace(tzinfo=ZONE).astimezone(UTC)


# --- two real services --------------------------------------------------------------------------------------------


@dataclass
class Services:
    """An SMTP server that wants a password and an HTTP endpoint, on loopback; what each took, in order."""

    smtp_port: int = 0
    http_port: int = 0
    mails: list[Message] = field(default_factory=list)
    posts: list[Message] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    is_down: bool = False
    """The HTTP endpoint answers that it can't."""

    @property
    def urls(self) -> str:
        return f"{self.mail_url}, {self.http_url}"

    @property
    def mail_url(self) -> str:
        return (
            f"mailto://penjaga:{PASSWORD}@127.0.0.1:{self.smtp_port}/"
            f"?from=spbe@contoh.go.id&to=admin@contoh.go.id&mode=insecure"
        )

    @property
    def http_url(self) -> str:
        return f"json://127.0.0.1:{self.http_port}/{TOKEN}"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.raw.append(envelope.content)
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert mail.get_content_type() == "text/plain"
        self.mails.append(Message(str(mail["Subject"]), mail.get_content().strip()))
        return "250 OK"

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        is_known = (data.login, data.password) == (b"penjaga", PASSWORD.encode())
        return AuthResult(success=is_known, handled=False)


@pytest.fixture
def services() -> Iterator[Services]:
    made = Services()
    logging.getLogger("mail").setLevel(logging.ERROR)  # the server's own words hold what it was told
    logging.getLogger("mail.log").setLevel(logging.ERROR)

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            if not made.is_down:
                made.raw.append(content)
                told = json.loads(content)
                made.posts.append(Message(told["title"], told["message"]))
            self.send_response(503 if made.is_down else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    made.http_port = server.server_port
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    made.smtp_port = free_port()
    controller = Controller(
        made, "127.0.0.1", made.smtp_port, auth_required=True, auth_require_tls=False, authenticator=made.authenticate
    )
    controller.start()
    yield made
    controller.stop()
    server.shutdown()
    server.server_close()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class Recorder:
    """In place of Apprise: what was sent where. `down`: targets that don't answer."""

    sent: list[tuple[str, Message]] = field(default_factory=list)
    down: set[str] = field(default_factory=set)
    refused: int = 0
    dies_after: int | None = None

    def __call__(self, url: str, message: Message) -> bool:
        if self.dies_after is not None and len(self.sent) >= self.dies_after:
            raise KeyboardInterrupt
        if url in self.down:
            self.refused += 1
            return False
        self.sent.append((url, message))
        return True

    @property
    def titles(self) -> list[str]:
        return [message.title for _, message in self.sent]

    @property
    def bodies(self) -> list[str]:
        return [message.body for _, message in self.sent]


# --- something published, without a night --------------------------------------------------------------------------

QUIET_NIGHT = "21:00-05:00"
TWO = "json://satu/a, json://dua/b"


@dataclass
class Desk:
    """A data directory with something published, made straight from rows; checks at any time."""

    settings: Settings
    send: Recorder = field(default_factory=Recorder)

    def publish(
        self, night: date | str, name: str = NAME, code: str = CODE, **tables: Sequence[Mapping[str, Any]]
    ) -> None:
        """Rows by mart table. An institution, ten nights and three OPD that were read are there by themselves."""
        self.write(rows_of(night, name, code, **tables))

    def write(self, *several: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Rows of one institution or more."""
        given = {table: [row for one in several for row in one.get(table, ())] for table in chain(*several)}
        path = self.settings.published_path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with duckdb.connect(str(path)) as connection:
            connection.execute("CREATE SCHEMA mart")
            for table in ("institution", "night", "failed_workbook", "index_trend", "index_change", "opd_snapshot"):
                columns = [row["column_name"] for row in mart_columns(table)]
                typed = ", ".join(f"{row['column_name']} {row['column_type']}" for row in mart_columns(table))
                connection.execute(f"CREATE TABLE mart.{table} ({typed})")
                for row in given.get(table, ()):
                    assert set(row) <= set(columns)
                    marks = ", ".join("?" for _ in row)
                    connection.execute(f"INSERT INTO mart.{table} ({', '.join(row)}) VALUES ({marks})", [*row.values()])

    def run_ended(
        self, exit_code: int, night: date | str = "2026-07-01", refused: Sequence[str] = (), **more: Any
    ) -> None:
        told = failure(date.fromisoformat(str(night)), more.pop("error", ""), exit_code)
        keep_summary(
            self.settings,
            {**told, "refused": [{"institution_code": code, "reason": more.get("reason", "")} for code in refused]},
        )

    def watch(self, now: datetime) -> alerts.Watched:
        return alerts.watch(self.settings, now, self.send)

    def remind(self, now: datetime) -> alerts.Watched:
        return alerts.remind(self.settings, now, self.send)

    def open(self) -> list[tuple[str, str]]:
        return [(row["rule_code"], row["subject"]) for row in alerts.open_alerts(self.settings)]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(settings_at(tmp_path / "var"))


def rows_of(
    night: date | str, name: str = NAME, code: str = CODE, **tables: Sequence[Mapping[str, Any]]
) -> dict[str, Sequence[Mapping[str, Any]]]:
    night = date.fromisoformat(str(night))
    here = {"institution_code": code}
    read = [{"opd_code": opd_code, "year": 2025, "last_changed_on": night} for opd_code in "ABC"]
    return {
        "institution": [{**here, "institution_name": name, "timezone": ZONE.key, "snapshot_on": night}],
        "night": [{**here, "snapshot_on": night - timedelta(days=back)} for back in range(10)],
        **{
            table: [{**here, "snapshot_on": night, **row} for row in rows]
            for table, rows in ({"opd_snapshot": read} | tables).items()
        },
    }


def settings_at(folder: Path, urls: str = "json://satu/a", **more: Any) -> Settings:
    return Settings(data_dir=folder, alert_urls=urls, **more)


def unread(*codes: str | None, last_good_on: str | None = "2026-06-20") -> list[dict[str, Any]]:
    return [
        {"opd_code": code, "workbook": SHEET, "reason": f"{ACCOUNT} {SHEET}", "last_good_on": last_good_on}
        for code in codes
    ]


def trend(value: str, change: str | None = None, year: int = 2025, stage: str = "proposed") -> dict[str, Any]:
    return {"year": year, "stage": stage, "index_value": Decimal(value), "change_1d": change and Decimal(change)}


def opd(code: str, answered: int, carried: int = 5, year: int = 2026) -> dict[str, Any]:
    return {"opd_code": code, "year": year, "answered_count": answered, "carried_count": carried}


# --- a week of troubles --------------------------------------------------------------------------------------------


def troubled(score: int = 3, b_answers: int = 1, *, c_is_there: bool = True) -> District:
    """A and B carry indicators of two years; C's workbook comes and goes."""
    answers = [answer(2025, no, score) for no in range(1, 11)]
    books = {
        "a": penilaian(*answers, *(answer(2026, no, 2) for no in (1, 2))),
        "b": penilaian(*(answer(2026, no, 2) for no in range(3, 3 + b_answers))),
        SHEET: penilaian(),
    }
    carriers = [
        *(("spbe-2020", no, "A", None) for no in range(1, 11)),
        *(("pemdi-2026", no, "A", None) for no in (1, 2)),
        *(("pemdi-2026", no, "B", None) for no in (3, 4)),
    ]
    there = {name: book for name, book in books.items() if c_is_there or name != SHEET}
    offices = [*FOUR_OPD[:2], ("DINSOS", "Dinas Sosial", "Dinas", SHEET, "Ya")]
    return District(CODE, NAME, ZONE.key, opd=offices, carriers=carriers, books=there)


def test_a_week_of_troubles_is_told_once_each_to_both_services(
    run: Nights, services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings = run.settings.model_copy(update={"alert_urls": settings_at(Path(), services.urls).alert_urls})
    told: list[str] = []

    def night(day_of_month: int, **trouble: Any) -> None:
        snapshot_on = date(2026, 9, day_of_month)
        outcome = run(troubled(**trouble), night=snapshot_on, now=at(snapshot_on, "01:30")).outcome
        keep_summary(settings, summarise(outcome))

    def check(day_of_month: int, clock: str, *expected: str) -> None:
        now = at(date(2026, 9, day_of_month), clock)
        watched = alerts.watch(settings, now)
        assert (watched.failed, watched.sent) == ((), 2 * len(expected))
        assert alerts.watch(settings, now + timedelta(minutes=30)).sent == 0
        told.extend(f"{NAME}: {one}" for one in expected)
        assert [message.title for message in services.mails] == [message.title for message in services.posts] == told

    night(2)
    check(2, "06:00")
    night(3, c_is_there=False)
    check(3, "06:00")
    alerts.keep_check(settings, "access", at("2026-09-03", "07:00"), has_failed=True)
    check(3, "07:00", "pemeriksaan gagal")
    alerts.keep_check(settings, "access", at("2026-09-03", "09:00"), has_failed=False)
    check(3, "09:00", "pemeriksaan berhasil lagi")
    night(4, c_is_there=False, score=2)
    check(4, "02:00")  # quiet hours
    check(4, "05:00", "indeks turun")
    night(5, c_is_there=False, score=2)
    check(5, "06:00", "buku kerja tidak terbaca")
    keep_summary(settings, failure(date(2026, 9, 6), f"{SHEET} of {ACCOUNT}: /srv/rahasia/kunci.json", 20))
    check(6, "06:00", "malam gagal")
    night(6)
    check(6, "10:00", "malam kembali normal", "buku kerja terbaca lagi", "indeks pulih")
    check(7, "04:00")
    check(7, "06:00", "indeks belum terbit")
    refused = [{"institution_code": CODE, "reason": f"{SHEET}: {ACCOUNT}"}]
    keep_summary(settings, {**failure(date(2026, 9, 7), "", 20), "refused": refused, "error": None})
    check(7, "11:00", "tidak lolos pemeriksaan")
    night(8)
    check(8, "07:00", "lolos pemeriksaan", "indeks sudah terbit", "tenggat 7 hari lagi")
    night(9, b_answers=2)
    check(9, "08:00", "isian sudah lengkap")

    assert [message.body.replace("\n", " ") for message in services.mails] == [one.body for one in services.posts]
    bodies = {message.title.removeprefix(f"{NAME}: "): message.body for message in services.posts}
    assert "2025 Usulan OPD dari 3,00 ke 2,00" not in bodies["indeks turun"]  # ten of 47 indicators count
    assert "malam 4 September 2026" in bodies["indeks turun"]
    assert "sebab terbesar: Nilai yang berubah" in bodies["indeks turun"]
    assert "DINSOS (3 malam)" in bodies["buku kerja tidak terbaca"]
    assert "malam 6 September 2026 berakhir gagal (kode 20)" in bodies["malam gagal"]
    assert "terbaru 6 September 2026" in bodies["indeks belum terbit"]
    assert "spbe-etl run --accept 73.01" in bodies["tidak lolos pemeriksaan"]
    assert "1 dari 2 OPD lengkap, 1 belum: B" in bodies["tenggat 7 hari lagi"]
    assert {row["rule_code"] for row in alerts.all_alerts(settings)} == set(rules())
    assert alerts.open_alerts(settings) == []
    everything = b"".join(services.raw) + caplog.text.encode() + state.state_path(settings).read_bytes()
    for secret in (PASSWORD, TOKEN, ACCOUNT, SHEET, "rahasia"):
        assert secret.encode() not in everything
    assert all(secret not in str(message) for message in services.mails for secret in (ACCOUNT, SHEET))


# --- each rule ------------------------------------------------------------------------------------------------------


def test_a_failed_night_is_told_at_once_and_silences_what_follows_from_it(desk: Desk) -> None:
    desk.publish("2026-07-01")
    desk.run_ended(2, error=f"SPBE_SOURCE={SHEET}")
    assert [row["rule_code"] for row in desk.watch(at("2026-07-02")).opened] == ["night_failed"]
    desk.run_ended(20)
    assert desk.watch(at("2026-07-02", "07:00")).opened == []
    assert desk.open() == [("night_failed", "")]
    assert desk.send.titles == [f"{NAME}: malam gagal"]
    desk.run_ended(0)
    desk.watch(at("2026-07-02", "08:00"))
    assert desk.send.titles[1:] == [f"{NAME}: malam kembali normal", f"{NAME}: indeks belum terbit"]


def test_a_run_that_refused_everybody_neither_is_a_failed_night_nor_ends_one(desk: Desk) -> None:
    desk.publish("2026-07-01")
    desk.run_ended(1)
    desk.watch(at("2026-07-01"))
    desk.run_ended(20, refused=[CODE])
    desk.watch(at("2026-07-01", "07:00"))
    assert desk.open() == [("night_failed", ""), ("audit_refused", "")]
    desk.run_ended(1)
    desk.watch(at("2026-07-01", "08:00"))  # knows nothing of the audit
    assert desk.open() == [("night_failed", ""), ("audit_refused", "")]
    desk.run_ended(10)
    assert len(desk.watch(at("2026-07-01", "09:00")).closed) == 2


def test_a_publication_that_failed_is_a_failed_night_and_those_refused_before_are_told_too(desk: Desk) -> None:
    desk.publish("2026-07-01")
    desk.run_ended(20, refused=[CODE], error="published can't be published into: No space left on device")
    desk.watch(at("2026-07-01"))
    assert desk.open() == [("night_failed", ""), ("audit_refused", "")]


def test_an_institution_that_was_never_published_is_refused_by_its_own_name(desk: Desk) -> None:
    desk.publish("2026-07-01")
    desk.run_ended(20, refused=["99.99"])
    desk.watch(at("2026-07-01"))
    assert desk.send.titles == ["99.99: tidak lolos pemeriksaan"]


def test_nothing_published_at_all_is_told_for_everybody_and_unreadable_ends_nothing(desk: Desk) -> None:
    desk.watch(at("2026-07-01", "08:00"))
    assert desk.send.titles == ["Semua instansi: indeks belum terbit"]
    desk.publish("2026-06-28")
    desk.watch(at("2026-07-01", "09:00"))
    desk.settings.published_path.write_bytes(b"nothing that DuckDB could read" * 1000)
    desk.watch(at("2026-07-01", "10:00"))
    assert ("not_published", "") in desk.open()
    assert len(alerts.open_alerts(desk.settings)) == 2  # the institution's stays, as nothing is known of it
    desk.publish("2026-07-01")
    assert len(desk.watch(at("2026-07-01", "11:00")).closed) == 2


def test_tonight_is_missed_from_the_hour_that_is_set(desk: Desk) -> None:
    desk.publish("2026-06-30")
    assert desk.watch(at("2026-07-01", "04:59")).open == []
    assert [row["rule_code"] for row in desk.watch(at("2026-07-01", "05:00")).open] == ["not_published"]


def test_a_night_late_in_the_evening_is_due_the_next_morning(tmp_path: Path) -> None:
    desk = Desk(settings_at(tmp_path, night_at="22:00"))
    desk.publish("2026-06-30")
    assert desk.watch(at("2026-07-01", "20:00")).open == []
    assert desk.watch(at("2026-07-02", "04:59")).open == []
    assert [row["rule_code"] for row in desk.watch(at("2026-07-02", "05:00")).open] == ["not_published"]


def test_a_night_of_days_to_come_is_no_published_one(desk: Desk) -> None:
    desk.publish("2026-07-02")
    assert desk.watch(at("2026-07-01")).open == []  # a zone further east
    desk.publish("2027-07-01")
    desk.watch(at("2026-07-01", "07:00"))
    assert "malam 1 Juli 2026 belum terbit, yang terbaru 1 Juli 2027" in desk.send.bodies[0]


def test_workbooks_that_go_stale_together_are_one_message_and_later_ones_another(desk: Desk) -> None:
    old = {"last_good_on": "2026-06-28"}
    desk.publish(
        "2026-07-01", failed_workbook=[*unread("A", "B", None, **old), *unread("C", last_good_on="2026-06-29")]
    )
    desk.watch(at("2026-07-01"))
    assert desk.send.titles == [f"{NAME}: buku kerja tidak terbaca"]
    assert "3 buku kerja" in desk.send.bodies[0]
    assert "register (3 malam), A (3 malam), B (3 malam)" in desk.send.bodies[0]
    desk.publish("2026-07-02", failed_workbook=[*unread("A", None, **old), *unread("C", last_good_on="2026-06-29")])
    desk.watch(at("2026-07-02"))
    assert desk.send.titles[1:] == [f"{NAME}: buku kerja terbaca lagi", f"{NAME}: buku kerja tidak terbaca"]
    assert desk.send.bodies[1].endswith("terbaca lagi: B. Terima kasih.")
    assert "1 buku kerja" in desk.send.bodies[2]
    assert "C (3 malam)" in desk.send.bodies[2]


def test_a_workbook_that_was_never_read_counts_from_the_night_that_it_was_found_so(desk: Desk) -> None:
    for number, is_open in enumerate((False, False, True)):
        night = date(2026, 7, 1 + number)
        desk.publish(night, failed_workbook=unread("A", last_good_on=None))
        desk.watch(at(night))
        assert (desk.open() == [("opd_stale", "A")]) is is_open
    desk.publish("2026-07-04")
    desk.watch(at("2026-07-04"))
    desk.publish("2026-07-05", failed_workbook=unread("A", last_good_on=None))
    desk.watch(at("2026-07-05"))
    assert desk.open() == []


def test_a_fallen_index_stays_open_until_it_is_what_it_was_whatever_else_happens(desk: Desk) -> None:
    points = (("score", "-0.3"), ("gate", "-0.2"), ("score", "0.2"), ("gate", "-0.2"), ("verdict", "0.9"))
    moved = [
        {"year": 2025, "stage": "proposed", "indicator_no": str(no), "cause": cause, "points": Decimal(moved_by)}
        for no, (cause, moved_by) in enumerate(points, start=1)
    ]
    steps: list[tuple[list[dict[str, Any]], int]] = [
        ([trend("2.10", "-0.30")], 1),
        ([trend("2.10", "0.00"), trend("1.50", "-0.01", 2026)], 2),
        ([trend("2.05", "-0.05"), trend("1.50", "0", 2026)], 2),
        ([trend("2.20", "0.15"), trend("1.50", "0", 2026)], 2),
        ([trend("2.19", "-0.01"), trend("1.50", "0", 2026)], 2),  # no deeper than it was told
        ([trend("2.39", "0.34"), trend("1.51", "0.01", 2026)], 1),
        ([trend("2.40", "0.01")], 0),
    ]
    for number, (rows, still_open) in enumerate(steps):
        night = date(2026, 7, 1 + number)
        desk.publish(night, index_trend=rows, index_change=moved)
        assert len(desk.watch(at(night)).open) == still_open
    assert desk.send.titles == [
        f"{NAME}: {one}" for one in ("indeks turun", "indeks turun", "indeks turun", "indeks pulih", "indeks pulih")
    ]
    assert "2025 Usulan OPD dari 2,10 ke 2,05" in desk.send.bodies[2]
    assert "2026 Usulan" not in desk.send.bodies[2]
    assert "2025 Usulan OPD dari 2,40 ke 2,10 (sebab terbesar: Gerbang praktik" in desk.send.bodies[0]
    assert "2026 Usulan OPD dari 1,51 ke 1,50 (sebab terbesar: belum diketahui)" in desk.send.bodies[1]


OTHER, OTHER_NAME = "73.02", "Kota Lain"


def test_what_is_not_published_any_more_ends_without_good_news(desk: Desk) -> None:
    troubled = rows_of(
        "2026-09-08",
        OTHER_NAME,
        OTHER,
        failed_workbook=unread("A"),
        index_trend=[trend("2.10", "-0.30")],
        opd_snapshot=[opd("A", 1)],
    )
    desk.write(rows_of("2026-09-09", opd_snapshot=[opd("A", 5)]), troubled)
    desk.watch(at("2026-09-09"))
    assert {row["rule_code"] for row in alerts.open_alerts(desk.settings)} == {
        "not_published", "opd_stale", "index_fell", "deadline_near"
    }  # fmt: skip
    told = list(desk.send.titles)
    desk.publish("2026-09-09", opd_snapshot=[opd("A", 5)])
    desk.run_ended(10, "2026-09-09", refused=[OTHER])  # left out
    desk.watch(at("2026-09-09", "08:00"))
    assert desk.open() == [("audit_refused", "")]
    assert desk.send.titles == [*told, f"{OTHER}: tidak lolos pemeriksaan"]
    assert "tidak ada dalam terbitan" in desk.send.bodies[-1]
    desk.run_ended(0, "2026-09-09")
    desk.watch(at("2026-09-09", "09:00"))  # nobody asks for it any more
    assert (desk.open(), len(desk.send.titles)) == ([], len(told) + 1)


def test_an_institution_that_is_there_again_the_next_hour_is_not_told_anew(desk: Desk) -> None:
    troubled = rows_of("2026-07-01", OTHER_NAME, OTHER, failed_workbook=unread("A"))
    for hour, rows in (("06:00", [troubled]), ("07:00", []), ("08:00", [troubled])):
        desk.write(rows_of("2026-07-01"), *rows)
        desk.watch(at("2026-07-01", hour))
        assert desk.open() == [("opd_stale", "A")] * len(rows)
    assert len(desk.send.sent) == 1


@pytest.mark.parametrize(
    ("code", "there", "fails_again"),
    [
        ("A", [], False),  # taken out of the register
        ("A", [{"opd_code": "A", "year": 2025, "last_changed_on": None}], False),  # has no workbook any more
        ("A", [{"opd_code": "A", "year": 2025, "last_changed_on": "2026-06-01"}], True),
        (None, [], True),
    ],
)
def test_only_a_workbook_that_was_read_is_told_as_read(
    desk: Desk, code: str | None, there: list[dict[str, Any]], *, fails_again: bool
) -> None:
    desk.publish("2026-07-01", failed_workbook=unread(code))
    desk.watch(at("2026-07-01"))
    failing = unread(code, last_good_on="2026-07-01") if fails_again else []
    desk.publish("2026-07-02", failed_workbook=failing, opd_snapshot=there)
    assert len(desk.watch(at("2026-07-02")).closed) == 1
    assert desk.send.titles == [f"{NAME}: buku kerja tidak terbaca"]


def test_an_index_or_deadline_that_is_not_there_any_more_ends_quietly(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.publish("2026-09-08", index_trend=[trend("2.10", "-0.30")], opd_snapshot=[opd("A", 1)])
    desk.watch(at("2026-09-08"))
    desk.settings.published_path.write_bytes(b"nothing that DuckDB could read" * 1000)
    assert desk.watch(at("2026-09-08", "07:00")).closed == []  # nothing is known
    monkeypatch.setattr("spbe_etl.alerts.deadlines.seed", lambda _: [])  # the calendar was changed
    desk.publish("2026-09-08", opd_snapshot=[opd("A", 1)])
    closed = desk.watch(at("2026-09-08", "08:00")).closed
    assert [row["rule_code"] for row in closed] == ["not_published", "index_fell", "deadline_near"]
    assert desk.send.titles[3:] == [f"{NAME}: indeks sudah terbit"]


def test_falls_of_quiet_hours_are_told_as_one_and_a_deeper_one_still_recovers(desk: Desk) -> None:
    desk.publish("2026-07-01", index_trend=[trend("2.10", "-0.30")])
    desk.watch(at("2026-07-01", "22:00"))
    desk.publish("2026-07-02", index_trend=[trend("2.05", "-0.05")])
    desk.watch(at("2026-07-02"))
    assert "2025 Usulan OPD dari 2,40 ke 2,05" in desk.send.bodies[0]
    desk.publish("2026-07-03", index_trend=[trend("2.00", "-0.05")])
    desk.watch(at("2026-07-03", "22:00"))  # nobody is told any more before it's well
    desk.publish("2026-07-04", index_trend=[trend("2.40", "0.40")])
    desk.watch(at("2026-07-04"))
    assert desk.send.titles == [f"{NAME}: indeks turun", f"{NAME}: indeks pulih"]


def test_a_deadline_is_told_a_week_before_and_ends_complete_or_with_what_is_missing(desk: Desk) -> None:
    half = [opd("A", 5), opd("B", 4), opd("C", 0), opd("D", 0, 0), opd("OLD", 0, 5, 2025)]
    desk.publish("2026-09-07", opd_snapshot=half)
    assert desk.watch(at("2026-09-07")).open == []
    desk.publish("2026-09-08", opd_snapshot=half)
    desk.watch(at("2026-09-08"))
    assert desk.open() == [("deadline_near", "2026")]
    assert "15 September 2026 (7 hari lagi); 1 dari 3 OPD lengkap, 2 belum: B, C" in desk.send.bodies[0]
    desk.publish("2026-09-16", opd_snapshot=half)
    desk.watch(at("2026-09-16"))
    assert desk.send.titles[-1] == f"{NAME}: tenggat lewat"
    assert "2 belum: B, C" in desk.send.bodies[-1]
    assert desk.open() == []


def test_a_deadline_that_nobody_has_begun_for_is_told_so_and_can_still_be_met(desk: Desk) -> None:
    desk.publish("2026-09-15")
    desk.watch(at("2026-09-15"))
    assert "belum ada OPD yang mengisi" in desk.send.bodies[0]
    assert desk.remind(at("2026-09-15", "06:30")).sent == 1  # the last day
    desk.publish("2026-09-15", opd_snapshot=[opd("A", 5)])
    desk.watch(at("2026-09-15", "07:00"))
    assert desk.send.titles == [*[f"{NAME}: tenggat hari ini"] * 2, f"{NAME}: isian sudah lengkap"]


def test_checks_that_fail_are_told_apart_and_each_ends_alone(desk: Desk) -> None:
    desk.publish("2026-07-01")
    for name in CHECKS:
        alerts.keep_check(desk.settings, name, at("2026-07-01"), has_failed=True)
    desk.watch(at("2026-07-01"))
    alerts.keep_check(desk.settings, "access", at("2026-07-01", "07:00"), has_failed=True)
    assert desk.watch(at("2026-07-01", "07:00")).sent == 0
    alerts.keep_check(desk.settings, "backfill", at("2026-07-01", "08:00"), has_failed=False)
    desk.watch(at("2026-07-01", "08:00"))
    assert desk.open() == [("check_failed", words()["access"])]
    assert desk.send.titles == [f"{NAME}: pemeriksaan gagal", f"{NAME}: pemeriksaan berhasil lagi"]
    assert "spbe-etl doctor), kesamaan malam" in desk.send.bodies[0]
    assert words()["backfill"] in desk.send.bodies[1]


# --- what's told, to whom and how often -----------------------------------------------------------------------------


def test_quiet_hours_hold_back_what_lasts_and_forget_what_does_not(desk: Desk) -> None:
    desk.publish("2026-07-01", failed_workbook=unread("A", "B"))
    desk.watch(at("2026-07-01", "22:00"))
    desk.publish("2026-07-02", failed_workbook=unread("B"))
    assert desk.watch(at("2026-07-02", "03:00")).sent == 0
    assert desk.watch(at("2026-07-02", "05:00")).sent == 1
    assert "1 buku kerja" in desk.send.bodies[0]
    desk.publish("2026-07-02")
    desk.watch(at("2026-07-02", "21:00"))
    assert desk.open() == []
    desk.publish("2026-07-02", failed_workbook=unread("B"))
    desk.watch(at("2026-07-02", "22:00"))  # back before anybody heard that it was over: nothing to say
    desk.publish("2026-07-03", failed_workbook=unread("B"))
    assert desk.watch(at("2026-07-03", "05:00")).sent == 0
    desk.publish("2026-07-03")
    assert desk.watch(at("2026-07-03", "06:00")).sent == 1


def test_a_message_that_was_not_taken_waits_through_quiet_hours_too(desk: Desk) -> None:
    desk.send.down = {"json://satu/a"}
    desk.publish("2026-07-01", failed_workbook=unread("A"))
    assert desk.watch(at("2026-07-01", "20:59")).failed
    desk.send.down = set()
    assert desk.watch(at("2026-07-01", "21:00")).sent == 0
    assert desk.watch(at("2026-07-02", "05:00")).sent == 2  # and that tonight isn't published


def test_what_holds_for_several_institutions_alike_is_one_message(desk: Desk) -> None:
    def night(on: str, *late: str) -> None:
        names = {CODE: NAME, OTHER: OTHER_NAME, "71": "Provinsi Ketiga"}
        desk.write(*(rows_of("2026-06-30" if code in late else on, name, code) for code, name in names.items()))

    night("2026-07-01", CODE, OTHER, "71")
    desk.run_ended(20, "2026-07-01", refused=[CODE, OTHER])
    desk.watch(at("2026-07-01"))
    assert desk.send.titles == ["2 instansi: tidak lolos pemeriksaan", "Provinsi Ketiga: indeks belum terbit"]
    assert desk.send.bodies[0].startswith("2 instansi (Kabupaten Contoh, Kota Lain): malam 1 Juli 2026")
    assert "--accept KODE-INSTANSI" in desk.send.bodies[0]
    desk.run_ended(0, "2026-07-01")
    night("2026-07-01")
    desk.watch(at("2026-07-01", "07:00"))
    desk.watch(at("2026-07-02"))
    night("2026-07-02", CODE)
    desk.watch(at("2026-07-02", "07:00"))
    night("2026-07-02")
    desk.watch(at("2026-07-02", "08:00"))
    assert desk.send.titles[2:] == [
        "2 instansi: lolos pemeriksaan",
        "Provinsi Ketiga: indeks sudah terbit",
        "Semua instansi: indeks belum terbit",
        "2 instansi: indeks sudah terbit",
        "Kabupaten Contoh: indeks sudah terbit",
    ]


def test_a_target_that_was_down_gets_it_once_and_the_others_not_again(tmp_path: Path) -> None:
    desk = Desk(settings_at(tmp_path, TWO))
    desk.send.down = {"json://dua/b"}
    desk.publish("2026-07-01", failed_workbook=unread("A"))
    (name,) = desk.watch(at("2026-07-01")).failed
    assert name.startswith("json ")
    assert "dua" not in name
    desk.publish("2026-07-01")
    desk.watch(at("2026-07-01", "07:00"))
    assert desk.send.refused == 2  # asked once a check, whatever waits for it
    desk.send.down = set()
    assert desk.watch(at("2026-07-01", "08:00")).sent == 2
    assert desk.watch(at("2026-07-01", "09:00")).sent == 0
    for url in ("json://satu/a", "json://dua/b"):
        told = [message.title for where, message in desk.send.sent if where == url]
        assert told == [f"{NAME}: buku kerja tidak terbaca", f"{NAME}: buku kerja terbaca lagi"]


def test_a_service_that_comes_back_is_told_by_the_real_thing(services: Services, tmp_path: Path) -> None:
    desk = Desk(settings_at(tmp_path, services.urls))
    desk.publish("2026-07-01", failed_workbook=unread("A"))
    services.is_down = True
    assert len(alerts.watch(desk.settings, at("2026-07-01")).failed) == 1
    services.is_down = False
    assert alerts.watch(desk.settings, at("2026-07-01", "07:00")).sent == 1
    assert len(services.mails) == len(services.posts) == 1


def test_what_nobody_took_for_a_week_is_given_up_and_counted(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.send.down = {"json://satu/a"}
    desk.publish("2026-07-01", failed_workbook=unread("A"))
    desk.watch(at("2026-07-01"))
    desk.publish("2026-07-08", failed_workbook=unread("A"))
    assert desk.watch(at("2026-07-08")).given_up == 0
    assert desk.watch(at("2026-07-08", "06:01")).given_up == 1
    assert "1 messages given up" in caplog.text
    desk.send.down = set()
    assert desk.watch(at("2026-07-08", "07:00")).sent == 0


@pytest.mark.parametrize("taken", [0, 1, 2, 3])
def test_a_check_that_is_cut_off_repeats_nothing_that_was_sent(tmp_path: Path, taken: int) -> None:
    desk = Desk(settings_at(tmp_path, TWO), Recorder(dies_after=taken))
    desk.publish("2026-06-30", failed_workbook=unread("A"))
    with pytest.raises(KeyboardInterrupt):
        desk.watch(at("2026-07-01"))
    desk.send.dies_after = None
    desk.watch(at("2026-07-01", "07:00"))
    assert len(desk.send.sent) == len({(url, message.title) for url, message in desk.send.sent}) == 4


def test_what_waited_for_an_address_that_was_wrong_goes_to_the_right_one_once(tmp_path: Path) -> None:
    def desk(*urls: str, reminders: str = "json://pengingat/salah") -> Desk:
        return Desk(settings_at(tmp_path, " ".join(urls), reminder_urls=reminders), sent)

    sent = Recorder(down={"json://salah/a", "json://salah/b", "json://pengingat/salah"})
    wrong = desk("json://baik/a", "json://salah/a", "json://salah/b")
    wrong.publish("2026-09-08", opd_snapshot=[opd("A", 1)])
    wrong.watch(at("2026-09-08"))
    wrong.remind(at("2026-09-08", "08:00"))
    desk("", reminders="").watch(at("2026-09-08", "09:00"))  # without any address everything waits on
    right = desk("json://baik/a", "json://benar/a", reminders="json://pengingat/benar")
    assert (right.watch(at("2026-09-08", "10:00")).sent, right.watch(at("2026-09-08", "11:00")).sent) == (2, 0)
    assert wrong.watch(at("2026-09-08", "12:00")).failed == ()
    assert sorted((url, "Pengingat" in message.body) for url, message in sent.sent) == [
        ("json://baik/a", False),
        ("json://benar/a", False),
        ("json://pengingat/benar", True),
    ]


def test_without_targets_the_state_is_kept_and_told_once_there_are_some(tmp_path: Path) -> None:
    silent = Desk(settings_at(tmp_path, ""))
    silent.publish("2026-07-01", failed_workbook=unread("A", "B"))
    assert (silent.watch(at("2026-07-01")).sent, len(silent.open())) == (0, 2)
    silent.publish("2026-07-01", failed_workbook=unread("A"))
    silent.watch(at("2026-07-01", "07:00"))
    heard = Desk(settings_at(tmp_path))
    heard.watch(at("2026-07-01", "08:00"))
    assert heard.send.titles == [f"{NAME}: buku kerja tidak terbaca"]
    assert "1 buku kerja" in heard.send.bodies[0]


def test_a_target_that_raises_is_a_target_that_failed(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    def broken(url: str, message: Message) -> bool:
        raise RuntimeError(f"{url} {PASSWORD}")

    desk.publish("2026-07-01", failed_workbook=unread("A"))
    assert len(alerts.watch(desk.settings, at("2026-07-01"), broken).failed) == 1
    assert "RuntimeError" in caplog.text
    assert PASSWORD not in caplog.text


CHECK = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from spbe_etl import alerts
from spbe_etl.settings import Settings
print(alerts.watch(Settings(data_dir=Path(sys.argv[1])), datetime.fromisoformat(sys.argv[2])).sent)
"""


def test_checks_at_the_same_time_send_once(services: Services, tmp_path: Path) -> None:
    desk = Desk(settings_at(tmp_path, services.urls))
    desk.publish("2026-07-01", failed_workbook=unread("A"))
    now = at("2026-07-01")
    command = [sys.executable, "-c", CHECK, str(tmp_path), now.isoformat()]
    environment = {**os.environ, "SPBE_ALERT_URLS": services.urls}
    others = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    sent: list[int] = []
    threads = [threading.Thread(target=lambda: sent.append(alerts.watch(desk.settings, now).sent)) for _ in range(3)]
    for one in threads:
        one.start()
    while any(one.is_alive() for one in threads):
        alerts.open_alerts(desk.settings)  # readers neither wait for checks nor disturb them
        sleep(0.01)
    sent += [int(other.communicate(timeout=60)[0]) for other in others]
    assert sorted(sent) == [0, 0, 0, 0, 2]
    assert len(services.mails) == len(services.posts) == 1


def test_a_check_beside_one_that_does_not_end_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "LOCK_SECONDS", 0.05)
    with state.one_check(desk.settings), pytest.raises(ConfigurationError, match="Another check of the alerts"):
        desk.watch(at("2026-07-01"))


def damage_a_table(path: Path) -> None:
    """So that it opens, and fails where the text of an alert is read."""
    content = path.read_bytes()
    path.write_bytes(content.replace(b"tidak terbaca", b"tidak terba\xff\xff"))


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(os.urandom(50_000)), damage_a_table])
def test_a_damaged_state_is_set_aside_and_watching_goes_on(
    desk: Desk, caplog: pytest.LogCaptureFixture, damage: Callable[[Path], None]
) -> None:
    desk.publish("2026-07-01", failed_workbook=unread("A"))
    desk.watch(at("2026-07-01"))
    path = state.state_path(desk.settings)
    damage(path)
    assert alerts.open_alerts(desk.settings) == []
    desk.watch(at("2026-07-01", "07:00"))
    assert desk.open() == [("opd_stale", "A")]
    assert len(list(path.parent.glob("alerts.duckdb.damaged-*"))) == 1
    assert "damaged" in caplog.text


def test_a_state_that_may_not_be_touched_is_no_damaged_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.watch(at("2026-07-01"))
    kept = state.state_path(desk.settings).read_bytes()

    def refuse(*_: object, **__: object) -> None:
        raise duckdb.IOException('IO Error: Cannot open file "alerts.duckdb": Permission denied')

    monkeypatch.setattr(duckdb, "connect", refuse)
    with pytest.raises(ConfigurationError, match=r"alerts.duckdb can't be opened: IO Error: Cannot open file"):
        desk.watch(at("2026-07-01"))
    assert state.state_path(desk.settings).read_bytes() == kept


def test_a_data_directory_that_may_not_be_written_is_told_plainly(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    desk.watch(at("2026-07-01"))
    monkeypatch.setattr(Path, "chmod", refuse)  # somebody else's file
    with pytest.raises(ConfigurationError, match=r"alerts\.duckdb can't be written: Permission denied\. Run this as"):
        desk.watch(at("2026-07-01"))
    lock = desk.settings.data_dir / ".alerts.lock"
    lock.unlink()
    lock.mkdir()
    with pytest.raises(ConfigurationError, match=r"\.alerts\.lock can't be written: .*SPBE_DATA_DIR"):
        desk.watch(at("2026-07-01"))


def test_a_state_of_an_earlier_version_goes_on(desk: Desk) -> None:
    desk.publish("2026-07-01", index_trend=[trend("2.10")])
    with state.one_check(desk.settings), state.open_state(desk.settings) as earlier:
        earlier.execute("ALTER TABLE outbox DROP COLUMN kind")
        for column in ("lowest", "is_deeper"):
            earlier.execute(f"ALTER TABLE alerts DROP COLUMN {column}")
        earlier.execute(
            "INSERT INTO alerts (institution_code, rule_code, subject, opened_at, baseline, detail, text) "
            "VALUES ($1, 'index_fell', '2025 Usulan OPD', TIMESTAMP '2026-06-30', 2.40, '{}', '')",
            [CODE],
        )
        earlier.execute(
            "INSERT INTO outbox SELECT 0, 'dulu', '', 'judul', 'isi', TIMESTAMP '2026-06-30', NULL, NULL, 0"
        )
    desk.watch(at("2026-07-01"))
    assert desk.send.titles == ["judul", f"{NAME}: indeks turun"]
    assert "2025 Usulan OPD dari - ke -" in desk.send.bodies[1]


def test_what_comes_back_long_after_nobody_could_be_told_of_its_end_is_told_anew(tmp_path: Path) -> None:
    heard, silent = Desk(settings_at(tmp_path)), Desk(settings_at(tmp_path, ""))
    heard.publish("2026-07-01", failed_workbook=unread("A"))
    heard.watch(at("2026-07-01"))
    heard.publish("2026-07-02")
    silent.watch(at("2026-07-02"))
    heard.publish("2026-07-20", failed_workbook=unread("A"))
    heard.watch(at("2026-07-20"))
    assert heard.send.titles == [f"{NAME}: buku kerja tidak terbaca"] * 2


def test_looking_at_alerts_makes_no_file(desk: Desk) -> None:
    assert alerts.open_alerts(desk.settings) == alerts.all_alerts(desk.settings) == []
    assert not desk.settings.data_dir.exists()


# --- reminders ------------------------------------------------------------------------------------------------------


def test_each_reminder_is_made_once_and_missed_days_are_one(tmp_path: Path) -> None:
    desk = Desk(settings_at(tmp_path, reminder_urls="json://pengingat/c"))
    sent: list[int] = []
    for left in [60, 46, 45, 31, 30, 29, 25, 10, 10, 8, 7, 7, 5, 3, 2, 1, 1, 0, -1]:
        night = LAST_UPLOAD - timedelta(days=left)
        desk.publish(night, opd_snapshot=[opd("A", 5), *(opd(f"OPD{no:02d}", 0) for no in range(40))])
        sent += [left] * desk.remind(at(night, "08:00")).sent
        assert desk.remind(at(night, "09:00")).sent == 0
    assert sent == [30, 10, 7, 3, 1]
    assert {url for url, _ in desk.send.sent} == {"json://pengingat/c"}
    assert desk.send.titles[-1] == f"{NAME}: tenggat besok"
    assert "1 dari 41 OPD lengkap, 40 belum: OPD00, OPD01" in desk.send.bodies[0]
    assert "lainnya" in desk.send.bodies[0]


def test_reminders_keep_quiet_hours_and_are_not_sent_where_all_is_done(desk: Desk) -> None:
    desk.publish("2026-09-08", opd_snapshot=[opd("A", 5)])
    assert desk.remind(at("2026-09-08", "08:00")).sent == 0
    desk.publish("2026-09-08", opd_snapshot=[opd("A", 4)])
    assert desk.remind(at("2026-09-08", "21:30")).sent == 0
    assert desk.remind(at("2026-09-09", "08:00")).sent == 1  # with the alerts, as no other target is set
    assert desk.remind(at("2026-09-02", "08:00")).sent == 0  # a clock that was set back: a nearer one was made


# --- words ----------------------------------------------------------------------------------------------------------

LONG_NAME = harmless("Kabupaten Administrasi Kepulauan Nusantara Barat Daya Selatan Raya")
LONG_CODES = [f"BADANKEUANGANDAERAHKE{no:03d}" for no in range(112)]
LONG_STANDING = standing(112, LONG_CODES)
DETAILS: Mapping[str, Mapping[str, str]] = {
    "night_failed": {"night": "30 September 2026", "exit_code": "20"},
    "audit_refused": {"night": "30 September 2026", "kept": words()["left_out"]},
    "not_published": {"expected": "30 September 2026", "latest": "30 September 2026"},
    "opd_stale": {"nights": "100"},
    "index_fell": {
        "night": "30 September 2026",
        "before": "5,00",
        "after": "4,99",
        "cause": max((row["cause_name"] for row in seed("cause")), key=len),
    },
    "deadline_near": {"deadline": "15 September 2026", "when": "30 hari lagi", "standing": LONG_STANDING},
    "check_failed": {},
}
PLACE = Place(LONG_NAME, ZONE, date(2026, 9, 30))


def subjects(rule_code: str) -> list[str]:
    if rule_code == "opd_stale":
        return LONG_CODES
    if rule_code == "index_fell":
        return [f"{year} {row['stage_name']}" for year in (2025, 2026) for row in seed("stage")]
    if rule_code == "check_failed":
        return [words()[name] for name in CHECKS]
    return ["2026" if rule_code == "deadline_near" else ""]


def fits(message: Message) -> bool:
    """Not cut, whole, nothing left to be filled in."""
    texts = (message.title, message.body)
    assert len(message.title) <= LONGEST_TITLE
    assert len(message.body) <= LONGEST_BODY
    assert not any(mark in text for text in texts for mark in "{}")
    assert not any(text.endswith("...") or "  " in text or not text.strip() for text in texts)
    return True


@pytest.mark.parametrize("row", seed("alert_rule"), ids=lambda row: row["rule_code"])
def test_every_text_of_a_rule_can_be_filled_and_fits(row: Mapping[str, str]) -> None:
    rule_code = row["rule_code"]
    told = [(subject, DETAILS[rule_code]) for subject in subjects(rule_code)]
    many = together({str(no): PLACE for no in range(601)}, [str(no) for no in range(600)])
    for some, place in product((told, told[:1]), (PLACE, many)):
        assert fits(opening(place, LONG_CODES[0], rule_code, some))
        assert fits(ending(place, CODE, rule_code, OVER, some))
        if row["lapsed_title"]:
            assert fits(ending(place, CODE, rule_code, LAPSED, some))
    assert alert_text(PLACE, rule_code, *told[0]).startswith(LONG_NAME)
    assert bool(row["lapsed_title"]) == bool(row["lapsed_body"]) == (rule_code == "deadline_near")
    assert row["about"].strip()


@pytest.mark.parametrize("row", seed("alert_rule"), ids=lambda row: row["rule_code"])
def test_a_rules_texts_ask_for_what_there_is_and_use_what_it_finds(row: Mapping[str, str]) -> None:
    texts = {name: text for name, text in row.items() if name not in ("rule_code", "silenced_by", "about")}
    asked = {name: placeholders(text) for name, text in texts.items()}
    general = {"institution", "code", "count", "subjects", "lines", "night"}
    own = set(DETAILS[row["rule_code"]])
    assert asked["line"] | asked["text"] <= own | {"institution", "subject"}
    assert set(chain(*asked.values())) <= general | own | {"subject"}
    assert own <= set(chain(*asked.values()))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_rule_has_its_texts_and_those_that_silence_come_first() -> None:
    assert list(rules()) == list(RULES)
    for position, rule_code in enumerate(rules()):
        assert set(silencers(rule_code)) <= set(list(rules())[:position])
    assert silencers("not_published") == ("night_failed", "audit_refused")


@pytest.mark.parametrize("row", seed("reminder"), ids=lambda row: row["days_before"])
def test_every_reminder_can_be_filled_and_fits(row: Mapping[str, str]) -> None:
    one = Deadline(CODE, row["event"], 2026, date(2026, 8, 1), LAST_UPLOAD, 30, 112, LONG_CODES)
    assert fits(reminder(PLACE, one, row))
    assert row["event"] in {line["event"] for line in seed("evaluation_calendar")}
    assert int(row["days_before"]) > 0


def test_reminders_are_distinct_and_every_other_word_is_used() -> None:
    assert len({(row["event"], row["days_before"]) for row in seed("reminder")}) == len(seed("reminder"))
    assert fits(trial())
    package = Path(alerts.__file__).parent
    source = "".join(path.read_text(encoding="utf-8") for path in package.glob("*.py"))
    assert [name for name in words() if f'"{name}"' not in source] == []


EXAMPLES = {
    "night_failed": [("", {"night": "6 September 2026", "exit_code": "20"})],
    "audit_refused": [("", {"night": "7 September 2026", "kept": words()["kept"]})],
    "not_published": [("", {"expected": "7 September 2026", "latest": "6 September 2026"})],
    "opd_stale": [("DINSOS", {"nights": "3"}), ("DISDIK", {"nights": "4"})],
    "index_fell": [
        (
            "2025 Usulan OPD",
            {"night": "4 September 2026", "before": "2,40", "after": "2,10", "cause": "Nilai yang berubah"},
        )
    ],
    "deadline_near": [
        ("2026", {"deadline": "15 September 2026", "when": "7 hari lagi", "standing": standing(3, ["B", "C"])})
    ],
    "check_failed": [(words()["access"], {})],
}


@pytest.mark.parametrize("rule_code", rules())
def test_the_manual_shows_messages_and_settings_as_they_are(rule_code: str) -> None:
    manual = (Path(__file__).parents[1] / "docs" / "alerts.md").read_text(encoding="utf-8")
    place = Place(NAME, ZONE, date(2026, 9, 6))
    message = opening(place, CODE, rule_code, EXAMPLES[rule_code])
    assert f"> **{message.title}**\n> {message.body}\n" in manual
    assert f"`{rule_code}`" in manual
    for name, about in Settings.model_fields.items():
        if name.startswith("alert_") and "urls" not in name:
            assert f"| `SPBE_{name.upper()}` | {about.default} |" in manual


LEGITIMATE = "Badan Kesatuan Bangsa & Politik (Kesbangpol), Kab. 50-Kota"
HOSTILE = {
    "mentions": ("<!channel> @everyone <@U123>", "channel everyone (disamarkan)"),
    "markdown": ("*tebal* _miring_ ~coret~ `kode` [x](http://a.b) # | >", "tebal miring coret kode x ("),
    "html": ("<b>Dinas</b><script>alert(1)</script>", "b Dinas /b script alert(1) /script"),
    "control": ("Dinas\x00\x1b[31m\r\nBcc: x\u202etxet\u200b", "Dinas 31m Bcc x txet"),
    "wide": ("＠everyone ＜!here＞", "everyone here"),
    "address": ("hubungi budi@contoh.go.id", "hubungi (disamarkan)"),
    "link": (f"lihat https://docs.google.com/spreadsheets/d/{SHEET}/edit ya", "lihat (disamarkan) ya"),
    "sheet": (f"Dinas {SHEET}", "Dinas (disamarkan)"),
    "telephone": ("081234567890 Ani", "(disamarkan) Ani"),
    "grouped": ("7301 0123 4567 8901 Budi", "(disamarkan) Budi"),
    "dashed": ("0812-3456-7890 Budi", "(disamarkan) Budi"),
    "spread": ("0812. 3456 --- 7890 Budi", "(disamarkan) Budi"),
    "dotted": ("0812.3456.7890 Budi", "(disamarkan) Budi"),
    "mixed": ("(+62) 812/3456*7890 Budi", "(+(disamarkan) Budi"),
    "zero-width": ("7301\u200b0123\u2060456\ufeff7\u200d8901 Budi", "(disamarkan) Budi"),
    "staff": ("19800101 200501 1 001 Budi", "(disamarkan) Budi"),
    "code of an OPD": ("1.02.0.00.0.00.01.0000", "1.02.0.00.0.00.01.0000"),
    "code of a place": ("73.01.01.2001 Tahun 2026", "73.01.01.2001 Tahun 2026"),
    "site": ("Dinas evil.example.com", "Dinas evil. example. com"),
    "fields": ("{institution} %s {0.__class__}", "institution s 0. class"),
    "code": ("1.02.0.00.A_B", "1.02.0.00.A_B"),
    "nothing": ("\u200b<>", "-"),
    "legit": (LEGITIMATE, LEGITIMATE),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_comes_from_a_cell_is_text_and_nothing_else(kind: str) -> None:
    found, expected = HOSTILE[kind]
    assert harmless(found).startswith(expected)


@given(st.text(max_size=200))
def test_no_cell_says_anything_that_a_service_would_act_on(text: str) -> None:
    made = harmless(text)
    assert made
    assert made.isprintable()
    assert len(made) <= LONGEST_NAME
    assert not set(made) & set('<>@*`[]{}#|~!\\$^=:;"')
    assert "  " not in made


@given(
    st.lists(st.text("0123456789", min_size=1, max_size=6), min_size=1, max_size=8), st.sampled_from(" -/*\u200b\u2007")
)
def test_no_run_of_nine_digits_is_told_however_it_is_grouped(groups: list[str], between: str) -> None:
    digits = sum(map(len, groups))
    assert (between.join(groups) in harmless(between.join(groups)).replace(" ", between)) is (digits < 9)


@given(st.lists(st.text("AB", min_size=1, max_size=12), max_size=40), st.integers(20, 80))
def test_a_list_names_as_many_as_fit_and_counts_the_rest(items: list[str], longest: int) -> None:
    text = listed(items, longest)
    shown, _, rest = text.partition(" dan ")
    assert len(shown) <= longest
    named = shown.split(", ") if shown else []
    assert named == items[: len(named)]
    assert len(named) + (int(rest.split()[0]) if rest else 0) == len(items)


def test_hostile_names_go_through_a_whole_check(services: Services, tmp_path: Path) -> None:
    desk = Desk(settings_at(tmp_path, services.urls))
    name = f"<!channel> @everyone <b>Kab</b> {ACCOUNT}\r\nBcc: x@y.id {{lines}}"
    desk.publish(
        "2026-07-01", name=name, code="<!here>{0}", failed_workbook=unread("*A*\n{night}", "081234567890", SHEET)
    )
    alerts.watch(desk.settings, at("2026-07-01"))
    (mail,), (post,) = services.mails, services.posts
    assert mail.title == post.title
    for text in (post.title, post.body, mail.body, *(row["text"] for row in alerts.open_alerts(desk.settings))):
        assert not set(text) & set("<>@*`[]{}")
        assert not any(secret in text for secret in (ACCOUNT, SHEET, "081234567890"))


# --- hours ----------------------------------------------------------------------------------------------------------

CLOCK = st.times().map(lambda one: one.replace(second=0, microsecond=0))
MOMENT = st.integers(0, 4 * 366 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
ZONES = st.sampled_from(["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "UTC"]).map(ZoneInfo)


@given(MOMENT, ZONES, ZONES, CLOCK, CLOCK)
def test_the_night_that_is_due_is_the_last_one_whose_hour_has_come(
    now: datetime, zone: ZoneInfo, schedule: ZoneInfo, by: time, starts: time
) -> None:
    planned = Planned("nightly", f"{starts.minute} {starts.hour} * * *", "", schedule)

    def due(night: date) -> datetime:
        """The first hour at which one is due, of those after its start."""
        started = datetime.combine(night, starts, schedule).astimezone(zone)
        days = (started.date() + timedelta(days=ahead) for ahead in range(2))
        return next(at for at in (datetime.combine(one, by, zone) for one in days) if at >= started)

    candidates = [now.date() + timedelta(days=days) for days in range(3, -4, -1)]
    assert expected_night(now, zone, Hours(by, None, planned)) == next(one for one in candidates if due(one) <= now)


@given(MOMENT, ZONES, CLOCK, CLOCK)
def test_quiet_hours_are_the_minutes_from_the_first_until_before_the_last(
    now: datetime, zone: ZoneInfo, first: time, end: time
) -> None:
    quiet, minute = set(), first.hour * 60 + first.minute
    while minute != end.hour * 60 + end.minute:
        quiet.add(minute)
        minute = (minute + 1) % (24 * 60)
    local = now.astimezone(zone)
    expected = local.hour * 60 + local.minute in quiet
    assert is_quiet(now, zone, (first, end) if first != end else None) is expected


def test_quiet_hours_may_be_none() -> None:
    assert read_hours(Settings(alert_quiet="")).quiet is None


@pytest.mark.parametrize(
    "given_setting",
    [{"alert_by": "5 pagi"}, {"alert_by": "25:00"}, {"alert_quiet": "21:00"}, {"alert_quiet": "21:00-21:00"},
     {"alert_quiet": "malam-pagi"}],
)  # fmt: skip
def test_hours_that_are_none_are_refused_with_an_example(given_setting: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"SPBE_ALERT_(BY|QUIET)=.*Write HH:MM"):
        alerts.watch(Settings(data_dir=tmp_path, **given_setting), at("2026-07-01"))


# --- targets --------------------------------------------------------------------------------------------------------


def urls_of(
    text: str, read_secret: Callable[[str], str] = {"alerts": "json://c json://d?to=a,b"}.__getitem__
) -> list[str]:
    return [one.url for one in delivery.find_targets(settings_at(Path(), text), read_secret)[delivery.ALERT]]


def test_targets_are_separated_by_commas_spaces_or_lines_and_secrets_read() -> None:
    assert urls_of("") == []
    assert urls_of("json://a/?to=x,y, mailto://b\n\ttgram://1:2/3 ") == [
        "json://a/?to=x,y",
        "mailto://b",
        "tgram://1:2/3",
    ]
    assert urls_of("json://a,secret:alerts") == ["json://a", "json://c", "json://d?to=a,b"]
    assert urls_of("json://a json://a") == ["json://a"]


@pytest.mark.parametrize("text", [PASSWORD, f"{PASSWORD}, json://a", f"://{PASSWORD}", f"json:/{PASSWORD}"])
def test_an_entry_that_is_no_address_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ConfigurationError, match="SPBE_ALERT_URLS: entry 1 is neither") as caught:
        urls_of(text)
    assert PASSWORD not in str(caught.value)


def test_without_a_secret_store_a_secret_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="secret:peringatan"):
        alerts.watch(settings_at(tmp_path, "secret:peringatan"), at("2026-07-01"))


def test_what_is_found_is_kept_where_secrets_cannot_be_read(tmp_path: Path) -> None:
    desk = Desk(settings_at(tmp_path, "secret:peringatan"))
    desk.publish("2026-07-01", failed_workbook=unread("A"))
    with pytest.raises(ConfigurationError):
        desk.watch(at("2026-07-01"))
    assert desk.open() == [("opd_stale", "A")]
    later = Desk(settings_at(tmp_path))
    assert later.watch(at("2026-07-01", "07:00")).sent == 1


def test_nothing_leaks_where_services_refuse(
    services: Services, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("apprise", "urllib3", "urllib3.connectionpool", "requests"):
        caplog.set_level(logging.DEBUG, logger=name)
    services.is_down = True
    closed = f"json://penjaga:{PASSWORD}@127.0.0.1:{free_port()}/{TOKEN}"
    wrong = services.mail_url.replace(PASSWORD, PASSWORD[::-1])
    unknown = f"takada://{PASSWORD}/{TOKEN}"
    desk = Desk(settings_at(tmp_path, " ".join((services.http_url, closed, wrong, unknown))))
    desk.publish("2026-07-01", failed_workbook=unread("A"))
    watched = alerts.watch(desk.settings, at("2026-07-01"))
    assert len(watched.failed) == 4
    streams = capfd.readouterr()
    told = [caplog.text, streams.out, streams.err, repr(watched), repr(delivery.find_targets(desk.settings, str))]
    told.append(state.state_path(desk.settings).read_bytes().decode(errors="replace"))
    for secret in (PASSWORD, PASSWORD[::-1], TOKEN, ACCOUNT, SHEET):
        assert not any(secret in text for text in told)
    logging.getLogger("urllib3").debug("speaks again")
    assert "speaks again" in caplog.text


def test_what_apprise_raises_reaches_no_stream(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    def broken(url: str, message: Message) -> bool:
        raise RuntimeError(f"{url} {PASSWORD}")

    hooked: list[object] = []
    monkeypatch.setattr(threading, "excepthook", hooked.append)
    monkeypatch.setattr(delivery, "_notify", broken)
    desk.publish("2026-07-01", failed_workbook=unread("A"))
    assert len(alerts.watch(desk.settings, at("2026-07-01")).failed) == 1
    streams = capfd.readouterr()
    assert (hooked, "RuntimeError" in caplog.text) == ([], True)
    assert not any(PASSWORD in text for text in (caplog.text, streams.out, streams.err))


def test_a_service_that_hangs_is_left_after_a_while(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "MOST_SECONDS", 0.05)
    held = threading.Event()
    monkeypatch.setattr(delivery, "_notify", lambda url, message: held.wait(5))
    assert delivery.through_apprise("json://satu/a", trial()) is False
    held.set()


# --- commands -------------------------------------------------------------------------------------------------------


def invoke(*arguments: str, urls: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(app, ["alert", *arguments], env={"SPBE_ALERT_URLS": urls, "SPBE_ALERT_QUIET": ""})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout


def test_the_commands_say_what_is_open_and_whether_targets_work(services: Services, tmp_path: Path) -> None:
    desk = Desk(settings_at(tmp_path))
    today = datetime.now(ZONE).date()
    desk.publish(today)
    here = ("--data-dir", str(tmp_path))
    assert invoke("list", *here) == (0, "Tidak ada peringatan.\n")
    assert invoke("check", *here)[0] == 0
    desk.publish(today, failed_workbook=unread("A"))
    code, said = invoke("check", *here, "--json", urls=services.urls)
    told = json.loads(said)
    assert (code, told["sent"], told["failed"], told["opened"]) == (0, 2, [], 1)
    assert told["open"][0]["text"].startswith(f"{NAME}: buku kerja A tidak terbaca")
    code, said = invoke("check", *here, urls=services.urls)
    assert (code, "opd_stale" in said, "0 pesan terkirim" in said) == (0, True, True)
    desk.publish(today)
    assert invoke("check", *here, urls=services.urls)[0] == 0
    assert json.loads(invoke("list", *here, "--json")[1]) == []
    (row,) = json.loads(invoke("list", *here, "--json", "--all")[1])
    assert row["closed_at"] >= row["opened_at"]
    assert "opd_stale" in invoke("list", *here, "--all")[1]


def test_reminders_can_be_sent_without_a_service(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = datetime.now(ZONE).date()
    line = {"event": "upload", "year": "2026", "first_on": str(today), "last_on": str(today + timedelta(days=7))}
    monkeypatch.setattr("spbe_etl.alerts.deadlines.seed", lambda _: [line])
    Desk(settings_at(tmp_path)).publish(today, opd_snapshot=[opd("A", 1)])
    here = ("remind", "--data-dir", str(tmp_path))
    services.is_down = True
    code, said = invoke(*here, urls=services.http_url)
    assert (code, "0 pesan terkirim" in said, "Belum terkirim" in said) == (0, True, True)
    services.is_down = False
    code, said = invoke(*here, "--json", urls=services.http_url)
    assert (code, json.loads(said)) == (0, {"sent": 1, "failed": [], "given_up": 0})
    assert invoke(*here, urls=services.http_url) == (0, "0 pesan terkirim.\n")
    assert "Pengingat untuk Kabupaten Contoh" in services.posts[0].body


def test_trying_the_targets_says_what_to_do(services: Services, tmp_path: Path) -> None:
    here = ("--data-dir", str(tmp_path))
    code, said = invoke("test", *here)
    assert (code, "SPBE_ALERT_URLS" in said) == (2, True)
    code, said = invoke("test", *here, urls=services.urls)
    assert (code, said.count("terkirim")) == (0, 2)
    assert services.mails == services.posts == [trial()]
    services.is_down = True
    code, said = invoke("test", *here, urls=services.urls)
    assert (code, said.count("gagal"), "spbe-etl alert test" in said) == (2, 1, True)
    assert [one["is_delivered"] for one in json.loads(invoke("test", *here, "--json", urls=services.urls)[1])] == [
        True,
        False,
    ]
