"""Nights on Google Sheets: what is asked, what stands in when it can't be read, and the same marts as from files."""

from __future__ import annotations

import functools
import logging
import math
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import conftest
import openpyxl
import pytest
from conftest import FOUR_OPD, HEADERS, NIGHT, OFFICIAL, District, Mart, Nights, Ran, answer, penilaian
from google_nights import READER, PatientClock, Town, open_town, published, secrets_in, town_of
from openpyxl.worksheet.worksheet import Worksheet as Sheet
from sheets_server import Fault, Quota
from sheets_server.files import ANYONE, XLSX

from spbe_etl import loading, reading
from spbe_etl.errors import ConfigurationError
from spbe_etl.google.client import Google
from spbe_etl.google.credentials import Account
from spbe_etl.runs import Request
from spbe_etl.sample import write_sample
from spbe_etl.sources.google import GoogleSource

YEAR = 2025
UNGATED = [no for no in range(1, 48) if no not in (13, 16, 17, 18, 20, 21, 22, 23, 24, 26, 27)]


def night(number: int) -> date:
    """The first is 0."""
    return NIGHT + timedelta(days=number)


def district(references: Sequence[str], each: int = 1, years: Sequence[int] = (YEAR,)) -> District:
    """Each OPD answers some ungated indicators with 3, for each of the years; the first that does carries."""
    carried = {name: UNGATED[no * each % len(UNGATED) :][:each] for no, name in enumerate(references)}
    carriers: dict[int, str] = {}
    for name, numbers in carried.items():
        for no in numbers:
            carriers.setdefault(no, name.upper())
    return District(
        opd=[(name.upper(), f"Dinas {name.upper()}", "Dinas", name, "Ya") for name in references],
        carriers=[("spbe-2020", no, opd_code, None) for no, opd_code in carriers.items()],
        books={
            name: penilaian(*[answer(year, no, 3) for year in years for no in numbers])
            for name, numbers in carried.items()
        },
    )


def index(mart: Mart, on: date | None = None) -> Mapping[str, Any]:
    rows = mart.rows("FROM mart.index_snapshot WHERE stage = 'proposed' ORDER BY snapshot_on")
    return rows[-1] if on is None else next(row for row in rows if row["snapshot_on"] == on)


def asked(town: Town) -> list[str]:
    """What the run asked for: the list, or the name of a spreadsheet."""
    names = {one: name for name, one in town.ids.items()}
    found = [one for one in town.server.calls if one.kind != "token"]
    town.server.calls.clear()
    return ["list" if one.kind == "drive" else names.get(one.path.rpartition("/")[2], "?") for one in found]


def told(ran: Ran) -> dict[str | None, str]:
    """Reasons by OPD, as published; the same as in the outcome."""
    rows = ran.mart.rows("FROM mart.failed_workbook")
    assert {(row["opd_code"], row["reason"]) for row in rows} == {
        (one.opd_code, one.reason) for one in ran.outcome.failures
    }
    return {row["opd_code"]: row["reason"] for row in rows}


@contextmanager
def full_reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nights that are asked to read everything."""
    with monkeypatch.context() as patch:
        patch.setattr(conftest, "Request", functools.partial(Request, is_full=True))
        yield


# --- how much is asked ---------------------------------------------------------------------------------------------


def test_a_district_of_52_costs_54_requests_then_two(run: Nights, tmp_path: Path) -> None:
    names = [f"o{no}" for no in range(52)]
    with town_of(tmp_path / "town", district(names)) as town:
        source = town.source()
        cold = run(source, night=night(0))
        assert cold.outcome.exit_code == 0
        assert sorted(asked(town)) == sorted(["list", "register", *names])
        assert cold.outcome.counts["api_calls"] == source.api_calls == 54
        assert cold.mart.values("SELECT api_calls FROM mart.run") == [54]

        same = run(town.source(), night=night(1))
        assert asked(town) == ["list", "register"]
        assert (same.outcome.exit_code, same.outcome.counts["workbooks_unchanged"]) == (0, 53)
        assert index(same.mart)["index_exact"] == index(cold.mart)["index_exact"]
        assert same.outcome.counts["rows_read"] == cold.outcome.counts["rows_read"]

        for name in ("o3", "o30", "o35"):
            town.set(name, "D2", 5)
        changed = run(town.source(), night=night(2))
        assert asked(town)[:2] == ["list", "register"]
        assert changed.outcome.counts["api_calls"] == 5
        assert changed.outcome.counts["workbooks_read"] == 3
        assert index(changed.mart)["index_exact"] > index(cold.mart)["index_exact"]
        assert changed.mart.values("SELECT count(*) FROM mart.indicator_snapshot WHERE score = 5") == [3]


def test_130_opd_stay_within_the_quota(run: Nights, tmp_path: Path) -> None:
    names = [f"o{no}" for no in range(130)]
    town = open_town(district(names).write_xlsx(tmp_path / "town"))
    clock = PatientClock()
    town.server.quota = quota = Quota(reads_per_minute_user=60, clock=clock.fake)
    with town.server:
        began = clock.now()
        account = Account(READER, town.server.account(READER))
        source = GoogleSource(Google(account, clock.limits(60), town.server.endpoint), [town.register_id])
        ran = run(source)
        assert (ran.outcome.failures, ran.outcome.exit_code, source.api_calls) == ((), 0, 132)
        assert [one.status for one in town.server.calls if one.status != 200] == []
        assert quota.refused == 0
        bound = (math.ceil(132 / 60) - 1) * 60
        assert bound <= clock.now() - began <= 1.05 * bound


def test_four_spreadsheets_are_asked_for_at_once(tmp_path: Path) -> None:
    """Each answer waits until three others are asked for; alone it would be given up as lost."""
    together = threading.Barrier(4)
    names = "abcdefgh"
    with town_of(tmp_path / "town", district(names)) as town:
        (register,) = town.source(retries=0).registers()
        assert register.fetch_register().workbook is not None
        town.server.faults += [Fault("changes", town.ids[name], change=lambda _: together.wait(10)) for name in names]
        found = list(register.fetch([town.ids[name] for name in names], {}))
        assert [one.reference for one in found] == [town.ids[name] for name in names], "in the order asked for"
        assert [one.workbook.name for one in found if one.workbook] == [town.ids[name] for name in names]


def test_registers_are_named_by_id_or_address_and_count_once(tmp_path: Path) -> None:
    with town_of(tmp_path / "town", district("a")) as town:
        address = f"https://docs.google.com/spreadsheets/d/{town.register_id}/edit?usp=sharing"
        source = GoogleSource(town.source().google, [address, town.register_id, f"  {town.register_id} "])
        (register,) = source.registers()
        assert register.key == town.register_id
        assert register.fetch_register().workbook is not None
        for wrong in (["register.xlsx"], [town.register_id, "https://contoh.go.id/x"], []):
            with pytest.raises(ConfigurationError) as caught:
                GoogleSource(source.google, wrong).registers()
            assert "SPBE_GOOGLE_REGISTER" in str(caught.value)


# --- when everything is read again ---------------------------------------------------------------------------------


def test_everything_is_read_seven_nights_after_it_last_was(
    run: Nights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a change which has no new version is found too."""
    all_of_it = sorted(["list", "register", *"abcx"])
    one = replace(district("abc"), opd=FOUR_OPD)
    with town_of(tmp_path / "town", replace(one, books={**one.books, "x": penilaian()})) as town:

        def is_full(number: int) -> bool:
            ran.append(run(town.source(), night=night(number)))
            return sorted(asked(town)) == all_of_it

        ran: list[Ran] = []
        assert is_full(0)
        town.set_unnoticed("a", "D2", 5)
        town.set("b", "E2", "sudah lama dilakukan")
        assert not is_full(6)
        assert is_full(7)
        first, sixth, seventh = (index(one.mart)["index_exact"] for one in ran)
        assert first == sixth < seventh
        with full_reads(monkeypatch):
            assert is_full(13)
        assert ran[-1].outcome.counts["workbooks_unchanged"] == 5
        assert not is_full(19)
        assert is_full(20)
        for module in (loading, reading):
            monkeypatch.setattr(module, "reading_version", lambda: "another")
        assert is_full(21), "what other code read may be read otherwise now"
        assert not is_full(22)


def test_what_failed_or_was_hollow_is_read_again_though_its_version_stayed(
    run: Nights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sheet fed from another has no new version when it's emptied, nor when it fills again."""
    with town_of(tmp_path / "town", district("abcdef", each=4)) as town:
        good = run(town.source(), night=night(0))
        for row_no in range(2, 6):
            town.set_unnoticed("a", f"D{row_no}", None)
        town.server.faults.append(Fault("revoked", town.ids["b"]))
        with full_reads(monkeypatch):
            bad = run(town.source(), night=night(1))
        assert set(told(bad)) == {"A", "B"}
        assert index(bad.mart)["index_exact"] == index(good.mart)["index_exact"]
        town.server.lift(town.ids["b"])
        asked(town)

        again = run(town.source(), night=night(2))
        assert sorted(asked(town)) == ["a", "b", "list", "register"]
        assert set(told(again)) == {"A"}
        assert "turun dari 4 menjadi 0 baris" in told(again)["A"]
        assert index(again.mart)["index_exact"] == index(good.mart)["index_exact"]

        believed = run(town.source(), night=night(3))
        assert sorted(asked(town)) == ["a", "list", "register"]
        assert believed.outcome.exit_code == 0
        assert index(believed.mart)["index_exact"] < index(good.mart)["index_exact"]


# --- which spreadsheet is meant ------------------------------------------------------------------------------------


def test_a_spreadsheet_that_goes_to_another_opd_is_read_for_it(run: Nights, tmp_path: Path) -> None:
    one = replace(
        district("abc"),
        carriers=[("spbe-2020", no, "A", "B") for no in UNGATED[:3]],
        books={
            name: penilaian(*[answer(YEAR, no, score) for no in UNGATED[:3]])
            for name, score in zip("abc", (2, 4, 5), strict=True)
        },
    )
    with town_of(tmp_path / "town", one) as town:
        town.drive.file(town.ids["a"]).modified = town.drive.file(town.ids["b"]).modified
        run(town.source(), night=night(0))
        asked(town)
        town.set("register", "D2", town.ids["b"], "OPD")
        town.set("register", "D3", f"https://docs.google.com/spreadsheets/d/{town.ids['a']}/edit", "OPD")
        swapped = run(town.source(), night=night(1))
        assert sorted(asked(town)) == ["a", "b", "list", "register"]
        cells = swapped.mart.rows("FROM mart.indicator_snapshot WHERE stage = 'proposed' AND is_answered")
        assert {(row["opd_code"], row["score"], row["workbook"]) for row in cells} == {("A", 4, town.ids["b"])}
        run(town.source(), night=night(2))
        assert asked(town) == ["list", "register"]


def linked(town: Town, cell: str, words: str, address: str) -> None:
    """A cell of the register's OPD that says some words and leads to an address."""
    town.set("register", cell, words, "OPD")
    column, row_no = ord(cell[0]) - 65, int(cell[1:])
    with town.drive.changing(town.register_id):
        values = town.drive.sheet(town.register_id, "OPD")["data"][0]["rowData"][row_no - 1]["values"]
        values[column] = {**values[column], "hyperlink": address}


def test_an_opds_spreadsheet_is_named_in_any_way_and_counts_once(run: Nights, tmp_path: Path) -> None:
    docs = "https://docs.google.com"
    opd = [(name.upper(), f"Dinas {name}", "Dinas", name, "Ya") for name in "abcdefgh"]
    with town_of(tmp_path / "town", replace(district("abcdefg"), opd=opd)) as town:
        ids = town.ids
        named = [
            ids["a"],
            f"{docs}/spreadsheets/d/{ids['b']}",
            f" {docs}/spreadsheets/u/0/d/{ids['c']}/edit?usp=sharing#gid=0 ",
            f"https://drive.google.com/open?id={ids['d']}",
            f"http://docs.google.com/a/contoh.go.id/spreadsheets/d/{ids['e']}/edit",
        ]
        for row_no, reference in enumerate(named, start=2):
            town.set("register", f"D{row_no}", reference, "OPD")
        linked(town, "D7", "Isian Dinas F", f"{docs}/spreadsheets/d/{ids['f']}/edit?gid=0")
        linked(town, "D8", ids["g"], f"{docs}/spreadsheets/d/{ids['g']}/edit")
        town.set("register", "D9", f"{docs}/spreadsheets/u/1/d/{ids['a']}/edit", "OPD")
        town.server.drive_api.page_size = 2
        ran = run(town.source(), night=night(0))
        assert ran.outcome.exit_code == 0
        assert sorted(asked(town)) == sorted([*["list"] * 4, "register", *"abcdefg"])
        (second,) = ran.mart.rows("FROM mart.rejected_row WHERE column_name = 'Spreadsheet'")
        assert (second["row_no"], second["cell"], second["severity"]) == (9, "D9", "warning")
        assert "sudah dipakai OPD di baris sebelumnya" in second["message"]

        run(town.source(), night=night(1))
        assert asked(town) == ["list", "list", "list", "list", "register"]

        town.server.faults.append(Fault("503", "/drive/v3/files", math.inf))
        town.set("b", "D2", 5)
        blind = run(town.source(retries=1), night=night(2))
        assert sorted(asked(town)) == sorted(["list", "list", "register", *"abcdefg"])
        assert blind.outcome.exit_code == 0
        assert any("Google Drive" in note and "Semua spreadsheet dibaca" in note for note in blind.outcome.notes)
        assert index(blind.mart)["index_exact"] > index(ran.mart)["index_exact"]


@pytest.mark.parametrize(
    "answered",
    [
        {},
        {"files": 7},
        {"files": {"id": "x"}},
        {"files": [7, None, {}, {"id": 7}]},
        {"files": [], "nextPageToken": "again"},
        {"files": [{"id": "x", "modifiedTime": 7, "trashed": "no"}], "nextPageToken": 7},
    ],
)
def test_a_list_that_makes_no_sense_hides_no_spreadsheet(tmp_path: Path, answered: Any) -> None:
    with town_of(tmp_path / "town", district("ab")) as town:
        source = town.source()
        source.google.files = lambda *_: Google.files(_Answers(answered), "", "")  # type: ignore[method-assign,arg-type]
        (register,) = source.registers()
        assert register.fetch_register().workbook is not None
        found = list(register.fetch([town.ids["a"], town.ids["b"]], {town.ids["a"]: "v1"}))
        assert [one.workbook is not None for one in found] == [True, True]


class _Answers:
    """In place of a client: the same answer to everything."""

    def __init__(self, answered: Any) -> None:
        self.answered = answered

    def ask(self, *_: Any, **__: Any) -> Any:
        return self.answered


# --- what can't be read --------------------------------------------------------------------------------------------


def clear(town: Town, name: str, cells: Sequence[str]) -> None:
    for cell in cells:
        town.set(name, cell, None)


def test_whatever_happens_to_a_spreadsheet_its_last_good_data_stand_in(run: Nights, tmp_path: Path) -> None:
    names = "abcdefghijklmnopqrst"
    one = district(names, years=(YEAR, 2024, 2023))
    with town_of(tmp_path / "town", one) as town:
        good = run(town.source(), night=night(0))
        ids, drive = town.ids, town.drive
        register_before = drive.values(town.register_id, "OPD")[5][3]
        deleted = drive.file(ids["a"])
        drive.delete(ids["a"])
        drive.trash(ids["b"])
        drive.unshare(ids["c"], READER)
        drive.file(ids["d"]).mime = XLSX
        town.set("register", "D6", "1" + "z" * 43, "OPD")
        with drive.changing(ids["f"]) as book:
            book["sheets"][0]["properties"]["title"] = "Penilaian (2)"
        clear(town, "g", ["D1"])
        clear(town, "h", ["D2", "D3"])
        drive.unshare(ids["i"], READER)
        drive.share(ids["i"], ANYONE)
        drive.file(ids["i"]).blocked.clear()
        town.set("i", "D2", 4)
        with drive.changing(ids["j"]) as book:
            cell = book["sheets"][0]["data"][0]["rowData"][1]["values"][3]
            cell |= {"effectiveValue": {"errorValue": {"type": "LOADING"}}, "formattedValue": "Loading..."}

        bad = run(town.source(), night=night(1))
        assert (bad.outcome.exit_code, bad.outcome.state) == (10, "published_with_unread")
        reasons = told(bad)
        expected = {
            "A": f"{ids['a']}: tidak ditemukan: sudah dihapus, atau id-nya salah.",
            "B": f"{ids['b']}: berada di Sampah Google Drive.",
            "C": f"{ids['c']}: belum dibagikan kepada {READER}.",
            "D": f"{ids['d']}: bukan Google Spreadsheet, mungkin masih berkas Excel.",
            "E": f"1{'z' * 43}: tidak ditemukan",
            "F": "lembar Penilaian tidak ada",
            "G": "baris judul tidak lengkap",
            "J": f"{ids['j']}, lembar Penilaian, sel D2: isi masih dimuat",
            "H": f"{ids['h']}: jawaban turun dari 3 menjadi 1 baris sekaligus",
        }
        assert reasons.keys() == expected.keys()
        for opd_code, start in expected.items():
            assert start in reasons[opd_code]
        stale = bad.mart.values(
            "SELECT DISTINCT opd_code FROM mart.opd_snapshot WHERE is_stale AND snapshot_on = ?", [night(1)]
        )
        assert set(stale) == set(expected)
        assert index(bad.mart)["is_stale"]
        answers = "SELECT opd_code, year, score FROM mart.indicator_snapshot WHERE is_answered ORDER BY ALL"
        expected_answers = {
            **{(row["opd_code"], row["year"]): row["score"] for row in good.mart.rows(answers)},
            ("I", YEAR): 4,
        }
        assert {(row["opd_code"], row["year"]): row["score"] for row in bad.mart.rows(answers)} == expected_answers

        drive.put(deleted)
        drive.file(ids["b"]).trashed = False
        drive.share(ids["c"], READER)
        drive.file(ids["d"]).mime = "application/vnd.google-apps.spreadsheet"
        town.set("register", "D6", register_before, "OPD")
        with drive.changing(ids["f"]) as book:
            book["sheets"][0]["properties"]["title"] = "Penilaian"
        town.set("g", "D1", HEADERS["Penilaian"][3])
        for cell in ("D2", "D3"):
            town.set("h", cell, 3)
        for name in "ij":
            town.set(name, "D2", 3)
        mended = run(town.source(), night=night(2))
        assert (mended.outcome.exit_code, told(mended)) == (0, {})
        assert index(mended.mart)["index_exact"] == index(good.mart)["index_exact"]
        assert not index(mended.mart)["is_stale"]


def test_a_register_that_cant_be_read_stands_in_by_its_last_good_one(run: Nights, tmp_path: Path) -> None:
    with town_of(tmp_path / "town", district("abc")) as town:
        town.server.faults.append(Fault("revoked", town.register_id))
        never = run(town.source(), night=night(0))
        assert (never.outcome.exit_code, never.outcome.published, never.published) == (20, None, None)
        (failure,) = never.outcome.failures
        assert (failure.institution_code, failure.opd_code) == (None, None)
        assert f"belum dibagikan kepada {READER}" in failure.reason
        town.server.lift(town.register_id)

        good = run(town.source(), night=night(1))
        assert good.outcome.exit_code == 0
        town.server.faults.append(Fault("revoked", town.register_id))
        town.set("a", "D2", 5)
        last = run(town.source(), night=night(2))
        assert last.outcome.exit_code == 10
        (failure,) = last.outcome.failures
        assert (failure.institution_code, failure.opd_code) == ("73.01", None)
        assert index(last.mart)["index_exact"] > index(good.mart)["index_exact"]
        town.server.lift(town.register_id)

        with town.drive.changing(town.register_id) as book:
            book["sheets"][0]["properties"]["title"] = "Kementerian"
        odd = run(town.source(), night=night(3))
        assert odd.outcome.exit_code == 10
        assert "lembar Instansi tidak ada" in odd.outcome.failures[0].reason
        assert index(odd.mart)["index_exact"] == index(last.mart)["index_exact"]


def test_when_most_fail_what_was_published_stays(run: Nights, tmp_path: Path) -> None:
    with town_of(tmp_path / "town", district("abcd")) as town:
        good = run(town.source(), night=night(0))
        before = run.settings.published_path.read_bytes()
        for name in "abcd":
            town.set(name, "D2", 5)
        opd = {town.ids[name] for name in "abcd"}
        town.server.faults.append(Fault("503", lambda call: call.path.rpartition("/")[2] in opd, math.inf))
        bad = run(town.source(retries=2), night=night(1))
        assert (bad.outcome.exit_code, bad.outcome.published) == (20, None)
        assert "4 dari 4 berkas OPD tidak terbaca" in bad.outcome.refused["73.01"]
        assert run.settings.published_path.read_bytes() == before
        town.server.faults.clear()
        after = run(town.source(), night=night(2))
        assert after.outcome.exit_code == 0
        assert index(after.mart)["index_exact"] > index(good.mart)["index_exact"]


def test_a_change_in_the_middle_of_a_night_is_there_on_the_next(run: Nights, tmp_path: Path) -> None:
    with town_of(tmp_path / "town", district("abc")) as town:
        before = index(run(town.source(), night=night(0)).mart)["index_exact"]
        town.set("b", "D2", 2)
        town.server.faults += [
            Fault("changes", "/drive/v3/files", change=lambda _: town.set("a", "D2", 4)),
            Fault("changes", town.ids["b"], change=lambda _: town.set("b", "D2", 5)),
        ]
        during = run(town.source(), night=night(1))
        assert during.outcome.exit_code == 0
        assert index(during.mart)["index_exact"] < before, "b is read as it was, a as it's listed"
        asked(town)
        after = run(town.source(), night=night(2))
        assert sorted(asked(town)) == ["a", "b", "list", "register"]
        scores = after.mart.rows("SELECT opd_code, score FROM mart.indicator_snapshot WHERE is_answered ORDER BY ALL")
        assert [(row["opd_code"], row["score"]) for row in scores] == [("A", 4), ("B", 5), ("C", 3)]
        run(town.source(), night=night(3))
        assert asked(town) == ["list", "register"]


# --- the same as from files ----------------------------------------------------------------------------------------


def assert_same_marts(from_files: Ran, from_google: Ran, names: Mapping[str, str] | None = None) -> None:
    files, google = published(from_files.mart), published(from_google.mart, names)
    assert files.keys() == google.keys()
    for table in files:
        assert google[table] == files[table], table
    assert from_google.outcome.exit_code == from_files.outcome.exit_code
    moving = ("api_calls",)
    counts = [
        {name: value for name, value in one.outcome.counts.items() if name not in moving}
        for one in (from_files, from_google)
    ]
    assert counts[0] == counts[1]


def test_the_sample_is_the_same_from_files_and_from_google(run: Nights, tmp_path: Path) -> None:
    write_sample(tmp_path / "sample")
    with town_of(tmp_path / "none", District()) as town:
        folders = [tmp_path / "sample" / name for name in ("bandar-lampung", "selayar")]
        registers = [town.drive.add_institution(folder, [READER]) for folder in folders]
        source = GoogleSource(town.source().google, registers)
        from_files, from_google = run.fresh()(tmp_path / "sample"), run.fresh()(source)
        assert_same_marts(from_files, from_google)
        tables = published(from_google.mart)
        assert len(tables["rejected_row"]) > 5
        assert len(tables["index_snapshot"]) > 5
        assert len(tables["evidence"]) > 100


def messy(sheet: Sheet) -> None:
    """As OPD leave them: links behind words, dates, errors, merged and hidden rows, numbers as people format them."""
    sheet["F2"] = "SK Bupati"
    sheet["F2"].hyperlink = "https://bukti.contoh.id/sk"
    sheet["G2"] = date(2025, 3, 1)
    sheet["G2"].number_format = "dd mmmm yyyy"
    sheet["D3"] = "#REF!"
    sheet["D4"] = datetime(2025, 3, 4)  # noqa: DTZ001 - a score that Excel took for a day
    sheet["D4"].number_format = "d-mmm"
    sheet["D5"] = 4
    sheet["D5"].number_format = "00.00"
    sheet["E5"] = "Baris pertama\nbaris kedua 🙂"
    sheet["F5"] = "https://bukti.contoh.id/a ; https://bukti.contoh.id/b/"
    sheet["D6"] = "IV (Terpadu dan terukur)"
    sheet["D7"] = 0.04
    sheet["D7"].number_format = "0%"
    sheet["D8"] = True
    sheet["G8"] = datetime(2025, 3, 4, 10, 30)  # noqa: DTZ001
    sheet["G9"] = "12 Maret 2025"
    sheet.row_dimensions[9].hidden = True
    sheet.merge_cells("A2:A11")
    sheet.merge_cells("E10:E11")
    sheet["H1"] = "Catatan Internal"
    sheet["H3"] = "sudah dicek"
    sheet["B30"] = " "


def prepare(folder: Path) -> None:
    """The mess, in the files of a district."""
    workbook = openpyxl.load_workbook(folder / "a.xlsx")
    messy(workbook["Penilaian"])
    workbook.create_sheet("Tersembunyi").sheet_state = "hidden"
    workbook["Tersembunyi"]["A1"] = "x"
    workbook.save(folder / "a.xlsx")
    workbook = openpyxl.load_workbook(folder / "b.xlsx")
    workbook["Penilaian"].insert_rows(1, 3)
    workbook["Penilaian"]["A1"] = "Penilaian Mandiri SPBE"
    workbook["Penilaian"].merge_cells("A1:G2")
    workbook["Penilaian"]["D4"] = "Tingkat\nKematangan"
    workbook["Penilaian"].sheet_state = "hidden"
    workbook.create_sheet("Petunjuk")
    workbook.active = 1
    workbook.save(folder / "b.xlsx")


def test_a_messy_district_is_the_same_from_files_and_from_google(run: Nights, tmp_path: Path) -> None:
    one = replace(
        district("abc", each=10),
        verdicts=[(YEAR, no, OFFICIAL, 2, "Tim", date(2025, 11, 2), None) for no in UNGATED[:30]],
        targets=[(YEAR, 2.6, "RPJMD")],
        published=[(YEAR, "Kabupaten Contoh", "Indeks", "2,10", "LHE")],
    )
    files, google = run.fresh(), run.fresh()
    prepare(one.write_xlsx(tmp_path / "town"))
    town = open_town(tmp_path / "town")
    with town.server:
        assert_same_marts(files(town.folder, night=night(0)), google(town.source(), night=night(0)))
        workbook = openpyxl.load_workbook(town.folder / "a.xlsx")
        workbook["Penilaian"]["D3"] = 5
        workbook["Penilaian"]["D12"] = None
        workbook.save(town.folder / "a.xlsx")
        town.refill(town.folder, "a")
        from_files, from_google = files(town.folder, night=night(1)), google(town.source(), night=night(1))
        assert_same_marts(from_files, from_google)
        tables = published(from_google.mart)
        for table in ("index_change", "rejected_row", "evidence", "year_trend", "index_trend", "opd_snapshot"):
            assert tables[table], table
        assert from_google.mart.values(
            "SELECT count(*) FROM mart.evidence WHERE url = 'https://bukti.contoh.id/sk'"
        ) == [1]


# --- secrets -------------------------------------------------------------------------------------------------------


def test_no_secret_is_in_what_a_night_leaves_behind(
    run: Nights, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with town_of(tmp_path / "town", district("abc")) as town:
        town.server.faults += [Fault("expired_token"), Fault("cut"), Fault("revoked", town.ids["b"])]
        ran = run(town.source())
        assert ran.outcome.exit_code == 10
    texts = [repr(ran.outcome), *(record.getMessage() for record in caplog.records)]
    texts += [repr(row) for rows in published(ran.mart).values() for row in rows]
    files = [path for path in run.settings.data_dir.rglob("*") if path.is_file()]
    assert run.settings.published_path in files
    texts += [path.read_bytes().decode("latin-1") for path in files]
    assert not [found for text in texts for found in secrets_in(text)]
