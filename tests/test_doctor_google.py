"""`spbe-etl doctor` with Google: is the key good, can each spreadsheet be read, and who has to do what if not."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import HEADERS, District, answer, penilaian
from google_sheets import ANSWERS, READER, STATUS, SUMMARY, WRITER, Called, Place, place
from sheets_server import Fault

YEAR = 2025
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS = [answer(YEAR, 1, 3), answer(YEAR, 2, 2)]
OPD = {
    "BAIK": penilaian(*ROWS),
    "BUANG": penilaian(*ROWS),
    "EXCEL": penilaian(*ROWS),
    "HAPUS": penilaian(*ROWS),
    "JUDUL": {ANSWERS: [["Daftar"], *ROWS]},
    "LAIN": {ANSWERS: [[*HEADERS[ANSWERS], "Catatan Kami"], *[[*row, "x"] for row in ROWS]]},
    "LEMBAR": {"Sheet1": [HEADERS[ANSWERS], *ROWS]},
    "PENDEK": {ANSWERS: [HEADERS[ANSWERS][:5], *[row[:5] for row in ROWS]]},
    "SALAH": penilaian(*ROWS),
    "TUTUP": penilaian(*ROWS),
}
"""An OPD for each thing that can be wrong with a spreadsheet."""


def district(*codes: str) -> District:
    return District(
        opd=[(code, f"Dinas {code.title()}", "Dinas", code.lower(), "Ya") for code in codes],
        carriers=[("spbe-2020", 1, codes[0], None)],
        books={code.lower(): OPD[code] for code in codes},
    )


@pytest.fixture
def good(tmp_path: Path) -> Iterator[Place]:
    """Two OPD with nothing to complain about."""
    with place(tmp_path, district("BAIK", "HAPUS")) as made:
        yield made


def doctor(made: Place, expected: int = 0, **environment: str) -> dict[str, list[tuple[str, str]]]:
    """Findings by what they're about: level and text."""
    done = made.call("doctor", "--json", **environment)
    assert done.exit_code == expected, done.words
    assert_nothing_secret(made, done)
    found: dict[str, list[tuple[str, str]]] = {}
    for one in done.told:
        assert set(one) == {"check", "is_ok", "level", "found"}
        assert one["level"] in ("ok", "warn", "fail")
        assert one["is_ok"] == (one["level"] != "fail")
        assert "\n" not in one["found"]
        found.setdefault(one["check"], []).append((one["level"], one["found"]))
    assert (expected == 2) == any(level == "fail" for each in found.values() for level, _ in each)
    return found


def assert_nothing_secret(made: Place, done: Called) -> None:
    """No part of a key, whatever went wrong."""
    for path in made.folder.glob("*.json"):
        for line in path.read_text(errors="replace").splitlines():
            secret = line.partition('"private_key": ')[2] or (line if "RAHASIA" in line else "")
            for part in secret.replace("\\n", "\n").split("\n"):
                assert len(part.strip('", ')) < 8 or part.strip('", ') not in done.words


def failed(found: Mapping[str, list[tuple[str, str]]]) -> dict[str, list[str]]:
    return {
        check: texts
        for check, each in found.items()
        if (texts := [text for level, text in each if level == "fail"])
    }  # fmt: skip


# --- all is well ---------------------------------------------------------------------------------------------------


def test_all_in_place_is_exit_0_and_says_who_reads_and_who_writes(good: Place) -> None:
    found = doctor(good)
    assert {level for each in found.values() for level, _ in each} == {"ok"}
    assert found["google"] == [
        ("ok", f"{READER} can see 2 spreadsheets beside the register (read only)"),
        ("ok", f"{WRITER} writes feedback"),
    ]
    assert ("ok", "73.01 (Asia/Makassar), 2 of 2 workbooks can be read") in found["source"]
    assert not good.settings.warehouse_path.exists()


def test_it_costs_two_lists_and_one_request_a_spreadsheet_and_changes_nothing(good: Place) -> None:
    before = {one.id: good.drive.copy_json(one.id) for one in good.drive.files()}
    mark = len(good.server.calls)
    doctor(good)
    calls = good.since(mark)
    assert len(calls) == 3 + len(before)  # the reader lists twice, the writer once
    assert {(call.method, call.account) for call in calls} == {("GET", READER), ("GET", WRITER)}
    assert {one.id: good.drive.copy_json(one.id) for one in good.drive.files()} == before


def test_nobody_is_asked_but_the_endpoint(good: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in for Google sees everything: no other host gets a token, not even in the background."""
    asked: list[str] = []

    def found(host: object, *more: Any, **named: Any) -> Any:
        asked.append(str(host))
        if host != "127.0.0.1":
            raise OSError(host)
        return lookup(host, *more, **named)

    lookup = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", found)
    good.google().files("trashed = false", "id")
    doctor(good)
    assert set(asked) == {"127.0.0.1"}


def test_without_an_account_that_writes_it_is_as_well(good: Place) -> None:
    found = doctor(good, SPBE_GOOGLE_WRITER_CREDENTIALS="")
    assert found["google"] == [("ok", f"{READER} can see 2 spreadsheets beside the register (read only)")]


def test_our_own_marks_are_no_drift(good: Place) -> None:
    good.night(1, good.writer())
    assert SUMMARY in good.titles(good.id("baik"))
    found = doctor(good)
    assert {level for each in found.values() for level, _ in each} == {"ok"}
    assert not any(STATUS in text for each in found.values() for _, text in each)


def test_people_see_a_line_for_each(good: Place) -> None:
    good.drive.unshare(good.id("hapus"), READER)
    done = good.call("doctor")
    assert done.exit_code == 2
    lines = [line for line in done.out.splitlines() if "HAPUS" in line]
    assert len(lines) == 1
    assert lines[0].startswith("fail HAPUS")
    assert READER in lines[0]


# --- the key -------------------------------------------------------------------------------------------------------


def key(made: Place, change: Callable[[dict[str, Any]], object]) -> str:
    """A key file like the reader's, with something wrong."""
    content = dict(made.server.account(READER))
    change(content)
    path = made.folder / "salah.json"
    path.write_text(json.dumps(content, indent=2))
    path.chmod(0o600)
    return str(path)


def text(made: Place, content: str) -> str:
    path = made.folder / "salah.json"
    path.write_text(content)
    path.chmod(0o600)
    return str(path)


KEYS: Mapping[str, tuple[Callable[[Place], str], str]] = {
    "none": (lambda _: "", "No credentials are set. Set SPBE_GOOGLE_CREDENTIALS"),
    "absent": (lambda made: str(made.folder / "tidak-ada.json"), "tidak-ada.json can't be read: No such file"),
    "a folder": (lambda made: str(made.folder), "can't be read: Is a directory"),
    "not text": (lambda made: key_of_bytes(made), "can't be read: UnicodeDecodeError"),
    "not JSON": (lambda made: text(made, "RAHASIA-BUKAN-JSON {"), "isn't a service account's key"),
    "a list": (lambda made: text(made, '["RAHASIA-DAFTAR"]'), "isn't a service account's key"),
    "of an OAuth client": (
        lambda made: text(made, '{"installed": {"client_secret": "RAHASIA"}}'),
        "isn't a service acc",
    ),
    "of another type": (lambda made: key(made, lambda one: one.update(type="authorized_user")), "isn't a service acc"),
    "without a private key": (lambda made: key(made, lambda one: one.pop("private_key")), "isn't a service account"),
    "broken": (
        lambda made: key(made, lambda one: one.update(private_key="RAHASIA-RUSAK")),
        f"The key of {READER} can't be used",
    ),
    "a secret": (lambda _: "secret:pembaca", "Prefect Secret block"),
}


def key_of_bytes(made: Place) -> str:
    (made.folder / "bytes.bin").write_bytes(b"\xff\xfe\x00RAHASIA")
    return str(made.folder / "bytes.bin")


@pytest.mark.parametrize("kind", KEYS)
def test_a_key_that_can_not_be_used_is_named_and_not_shown(good: Place, kind: str) -> None:
    make, said = KEYS[kind]
    mark = len(good.server.calls)
    found = failed(doctor(good, 2, SPBE_GOOGLE_CREDENTIALS=make(good)))
    assert set(found) == {"google", "source"}
    assert all(said in one for each in found.values() for one in each)
    assert good.server.calls[mark:] == []


@pytest.mark.parametrize("name", ["pembaca.json", "penulis.json"])
@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_key_that_others_can_read_is_warned_of(good: Place, name: str, mode: int) -> None:
    """The key that writes more than the one that reads."""
    good.environment()
    (good.folder / name).chmod(mode)
    warned = [text for level, text in doctor(good)["google"] if level == "warn"]
    assert warned == [f"others can read {good.folder / name}: chmod 600 {good.folder / name}"]


def test_one_account_for_both_is_told_of(good: Place) -> None:
    found = failed(doctor(good, 2, SPBE_GOOGLE_WRITER_CREDENTIALS=good.environment()["SPBE_GOOGLE_CREDENTIALS"]))
    assert list(found) == ["google"]
    assert "Use another one" in found["google"][0]


def test_an_account_that_google_does_not_know_any_more_is_told_of(good: Place) -> None:
    good.environment()
    good.server.disable(READER)
    found = failed(doctor(good, 2))
    assert set(found) == {"google", "register"}
    for texts in found.values():
        assert f"kunci akun {READER} ditolak Google" in texts[0]
        assert "buat kunci baru" in texts[0]


# --- the register --------------------------------------------------------------------------------------------------


def test_a_register_that_is_not_shared_says_with_whom_to_share_it(good: Place) -> None:
    good.drive.unshare(good.register, READER)
    (said,) = failed(doctor(good, 2))["register"]
    assert f"belum dibagikan kepada {READER}" in said
    assert "Pelihat (Viewer)" in said


def test_a_register_is_named_once(good: Place) -> None:
    good.drive.unshare(good.register, READER)
    (said,) = failed(doctor(good, 2))["register"]
    assert said.startswith(f"{good.register}: ")


@pytest.mark.parametrize(
    ("register", "check", "said"),
    [
        ("", "source", "give the id or address"),
        ("bukan id", "source", "SPBE_GOOGLE_REGISTER=bukan id"),
        ("https://docs.google.com/spreadsheets/u/0/", "source", "give the id or address"),
        ("1TidakAdaSamaSekali", "register", "tidak ditemukan"),
    ],
)
def test_a_register_that_is_not_one_is_told_of(good: Place, register: str, check: str, said: str) -> None:
    found = failed(doctor(good, 2, SPBE_GOOGLE_REGISTER=register))
    assert list(found) == [check]
    assert said in found[check][0]


def test_a_register_that_lost_a_worksheet_says_which(good: Place) -> None:
    with good.drive.changing(good.register) as book:
        book["sheets"] = [one for one in book["sheets"] if one["properties"]["title"] != "Pengampu"]
    (said,) = failed(doctor(good, 2))["register"]
    assert "lembar Pengampu tidak ada" in said


# --- each OPD's spreadsheet ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, dict[str, list[tuple[str, str]]]]]:
    """An institution in which everything went wrong that can, and what's found there."""
    with place(tmp_path_factory.mktemp("troubled"), district(*OPD)) as made:
        drive = made.drive
        drive.unshare(made.id("tutup"), READER)
        drive.delete(made.id("hapus"))
        drive.trash(made.id("buang"))
        excel = drive.add_xlsx(made.folder / "books" / "excel.xlsx", readers=[READER], mime=XLSX)
        row_no = {code: 2 + no for no, code in enumerate(OPD)}
        drive.set_cell(
            made.register, "OPD", f"D{row_no['EXCEL']}", f"https://docs.google.com/spreadsheets/d/{excel}/edit"
        )
        drive.set_cell(made.register, "OPD", f"D{row_no['SALAH']}", "ada di laptop Pak Budi")
        yield made, doctor(made, 2)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("TUTUP", (f"belum dibagikan kepada {READER}", "Bagikan", "Pelihat (Viewer)")),
        ("HAPUS", ("tidak ditemukan", "periksa alamatnya")),
        ("BUANG", ("Sampah Google Drive", "pulihkan")),
        ("EXCEL", ("bukan Google Spreadsheet", "Simpan sebagai Google Spreadsheet")),
        ("LEMBAR", ("lembar Penilaian tidak ada", "Sheet1", "Beri nama Penilaian")),
        ("JUDUL", ("baris judul tidak lengkap", "Tingkat Kematangan", "Kembalikan judul kolom")),
        ("SALAH", ("ada di laptop Pak Budi: bukan alamat atau id Google Spreadsheet", "salin alamat lengkapnya")),
    ],
)
def test_a_spreadsheet_that_can_not_be_read_is_told_of_by_its_opd(
    troubled: tuple[Place, dict[str, list[tuple[str, str]]]], code: str, said: tuple[str, ...]
) -> None:
    ((level, text),) = troubled[1][code]
    assert level == "fail"
    for part in said:
        assert part in text


def test_columns_that_are_missing_or_that_nobody_reads_are_warned_of(
    troubled: tuple[Place, dict[str, list[tuple[str, str]]]],
) -> None:
    made, found = troubled
    where = "lembar Penilaian: kolom yang tidak"
    assert found["LAIN"] == [("warn", f"{made.id('lain')}, {where} dibaca: Catatan Kami (H1)")]
    assert found["PENDEK"] == [("warn", f"{made.id('pendek')}, {where} ada: Bukti Dukung, Tanggal Bukti")]


def test_only_what_is_wrong_is_named_and_the_rest_is_counted(
    troubled: tuple[Place, dict[str, list[tuple[str, str]]]],
) -> None:
    found = troubled[1]
    assert set(failed(found)) == {"source", "TUTUP", "HAPUS", "BUANG", "EXCEL", "LEMBAR", "JUDUL", "SALAH"}
    assert "BAIK" not in found
    assert ("fail", "73.01 (Asia/Makassar), 3 of 10 workbooks can be read") in found["source"]


def test_a_warning_alone_is_exit_0(tmp_path: Path) -> None:
    with place(tmp_path, district("BAIK", "LAIN", "PENDEK")) as made:
        found = doctor(made)
        made.drive.set_cell(made.register, "OPD", "G1", "Kontak")
        again = doctor(made)
    assert {check for check, each in found.items() if each[0][0] == "warn"} == {"LAIN", "PENDEK"}
    assert [text for level, text in again["register"] if level == "warn"] == [
        f"{made.register}, lembar OPD: kolom yang tidak dibaca: Kontak (G1)"
    ]


def test_a_drive_that_can_not_tell_is_a_failure_and_spreadsheets_are_tried_all_the_same(good: Place) -> None:
    good.server.faults.append(Fault("drive_rate_limit", "/drive/v3/files", times=60, retry_after=0))
    environment = {"SPBE_GOOGLE_RETRIES": "0"}
    found = doctor(good, 2, **environment)
    assert list(failed(found)) == ["google"]
    assert "kuota permintaan Google sedang habis" in failed(found)["google"][0]
    assert ("ok", "73.01 (Asia/Makassar), 2 of 2 workbooks can be read") in found["source"]
