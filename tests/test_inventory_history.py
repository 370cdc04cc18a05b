"""Objects over the nights: ids that stay, changes told once, every night as it was, nothing lost on the way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import FOUR_OPD, District, Mart, Nights, Row, ask_command, derived, penilaian, workbook_of

from spbe_etl.errors import ConfigurationError
from spbe_etl.instruments import load_instruments
from spbe_etl.inventory.code_lists import load_code_lists
from spbe_etl.warehouse import Warehouse, sql
from spbe_etl.workbooks import RawCell, Workbook, Worksheet, a1

FIRST = date(2026, 7, 1)
TITLES = ("ID", "Nama Aplikasi", "Fungsi", "Basis Aplikasi")
SIMPEG, PRESENSI = (None, "SIMPEG", "pegawai", "web"), (None, "Presensi", "hadir", "web")
ANTRIAN = ("APL-01", "Antrian", "antri", "web")


def listing(*rows: Row, opd: Sequence[Row] = FOUR_OPD, others: dict[str, Sequence[Row]] | None = None) -> District:
    books = {name: penilaian() for name in "abcx"}
    books["a"]["Aplikasi"] = [TITLES, *rows]
    for name, theirs in (others or {}).items():
        books[name]["Aplikasi"] = [TITLES, *theirs]
    return District(opd=opd, books=books)


def nights_of(run: Nights, *districts: District) -> Mart:
    for number, district in enumerate(districts):
        night = FIRST + timedelta(number)
        ran = run(district, night=night, now=datetime.combine(night, time(12), UTC))
    return ran.mart


def ids(mart: Mart, night: int | None = None) -> dict[str, str]:
    source = "mart.application" if night is None else f"mart.application_as_of(DATE '{FIRST + timedelta(night)}')"
    return {
        row["object_name"]: row["object_id"] for row in mart.rows(f"FROM {source} WHERE institution_code = '73.01'")
    }


def changes(mart: Mart, night: int) -> list[tuple[Any, ...]]:
    rows = mart.rows(
        "FROM mart.inventory_change WHERE snapshot_on = ? ORDER BY object_name", [FIRST + timedelta(night)]
    )
    return [(row["object_name"], row["change_kind"], row["changed_fields"]) for row in rows]


def test_an_object_stays_itself_wherever_its_row_goes_and_when_its_name_is_mended(run: Nights) -> None:
    mart = nights_of(
        run,
        listing(SIMPEG, PRESENSI, ANTRIAN),
        listing(ANTRIAN, PRESENSI, SIMPEG),
        listing(ANTRIAN, (None, "Presensi Pegawai", "hadir", "web"), SIMPEG),
        listing(ANTRIAN, (None, "Presensi Pegawai", "hadir", "web"), SIMPEG, PRESENSI),
    )
    first, last = ids(mart, 0), ids(mart)
    assert first["Antrian"] == "APL-01"
    assert first["SIMPEG"].startswith("APL-")
    assert last["SIMPEG"] == first["SIMPEG"]
    assert last["Presensi Pegawai"] == first["Presensi"]
    assert last["Presensi"] not in first.values()
    assert changes(mart, 0) == [("Antrian", "new", None), ("Presensi", "new", None), ("SIMPEG", "new", None)]
    assert changes(mart, 1) == []
    assert changes(mart, 2) == [("Presensi Pegawai", "changed", "Nama Aplikasi")]
    assert changes(mart, 3) == [("Presensi", "new", None)]


def test_the_id_that_we_gave_can_be_written_into_the_sheet(run: Nights) -> None:
    mart = nights_of(run, listing(SIMPEG))
    given = ids(mart)["SIMPEG"]
    mart = nights_of(run, listing(SIMPEG), listing((given, "SIMPEG", "pegawai", "web")))
    assert ids(mart) == {"SIMPEG": given}
    assert changes(mart, 1) == []
    assert mart.values("SELECT is_id_derived FROM mart.application") == [False]


def test_every_night_is_there_as_it_was(run: Nights) -> None:
    changed = ("APL-01", "Antrian", "antri semua", "seluler")
    mart = nights_of(run, listing(ANTRIAN), listing(changed), listing(SIMPEG), listing(SIMPEG, ANTRIAN))
    assert changes(mart, 1) == [("Antrian", "changed", "Basis Aplikasi; Fungsi")]
    assert changes(mart, 2) == [("Antrian", "retired", None), ("SIMPEG", "new", None)]
    assert changes(mart, 3) == [("Antrian", "returned", None)]
    told = {
        night: mart.rows(
            "SELECT object_name, function, platform, valid_from FROM mart.application_as_of(?) ORDER BY object_name",
            [FIRST + timedelta(night)],
        )
        for night in (-1, 0, 1, 2, 3, 30)
    }
    assert told[-1] == []
    assert [(row["function"], row["platform"]) for row in told[0]] == [("antri", "web")]
    assert [(row["function"], row["platform"]) for row in told[1]] == [("antri semua", "seluler")]
    assert [row["object_name"] for row in told[2]] == ["SIMPEG"]
    assert [row["valid_from"] for row in told[3]] == [FIRST + timedelta(3), FIRST + timedelta(2)]
    assert told[30] == told[3]


def test_a_night_run_again_changes_nothing(run: Nights) -> None:
    nights_of(run, listing(SIMPEG, ANTRIAN), listing(ANTRIAN))
    again = FIRST + timedelta(1)
    mart = run(listing(ANTRIAN), night=again, now=datetime.combine(again, time(13), UTC)).mart
    assert changes(mart, 1) == [("SIMPEG", "retired", None)]
    mart = run(listing(SIMPEG, ANTRIAN), night=again, now=datetime.combine(again, time(14), UTC)).mart
    assert changes(mart, 1) == []
    assert mart.values("SELECT count(*) FROM mart.ended_object") == [0]


def test_a_night_derived_again_has_the_same_objects(run: Nights) -> None:
    nights_of(run, listing(SIMPEG, PRESENSI), listing(PRESENSI, (None, "Simpeg baru", "pegawai", "web")))
    with derived(run.settings.data_dir) as warehouse:
        columns = "institution_code, listed_by, worksheet, object_id, opd_code, object_kind, row_hash, object_name"
        now = warehouse.rows(f"SELECT {columns} FROM ({sql('history/object').rstrip().rstrip(';')}) ORDER BY ALL")
        kept = warehouse.rows(f"SELECT {columns} FROM history.object WHERE valid_to IS NULL ORDER BY ALL")
        assert now == kept
        assert len(kept) == 2


MERGED = (*FOUR_OPD[:1], ("B", "Dinas B", "Dinas", "b", "Tidak", "C"), *FOUR_OPD[2:])


def test_a_merged_opd_hands_its_objects_over(run: Nights) -> None:
    theirs = {"b": [("APL-01", "Perpustakaan", "buku", "web"), ("APL-02", "Arsip", "arsip", "web")]}
    both = {**theirs, "c": [("APL-07", "Arsip", "arsip", "web")]}
    mart = nights_of(run, listing(others=theirs), listing(opd=MERGED, others=both))
    owned = mart.rows(
        "SELECT opd_code, listed_by_opd_code, object_id, object_name FROM mart.application ORDER BY object_id"
    )
    assert [tuple(row.values()) for row in owned] == [
        ("C", "B", "APL-01", "Perpustakaan"),
        ("C", "C", "APL-07", "Arsip"),
    ]
    told = sorted((name, kind) for name, kind, _ in changes(mart, 1))
    assert told == [("Arsip", "new"), ("Arsip", "retired"), ("Perpustakaan", "handed_over")]
    coverage = mart.rows(
        "SELECT opd_code, listed_count FROM mart.architecture_coverage WHERE domain = 'RAA' AND listed_count > 0"
    )
    assert coverage == [{"opd_code": "C", "listed_count": 2}]
    before = mart.rows("SELECT opd_code FROM mart.application_as_of(?) WHERE object_id = 'APL-01'", [FIRST])
    assert before == [{"opd_code": "B"}]


def test_rows_are_conserved(run: Nights) -> None:
    rows = [SIMPEG, ("APL-01", "A", "a", "web"), ("APL-01", "B", "b", "web"), (None, None, None, "web"), ANTRIAN[:1]]
    ran = run(listing(*rows))
    counts = ran.mart.row("SELECT rows_read, rows_accepted, rows_rejected, rows_blank FROM mart.run")
    inventory = len(rows)
    assert counts["rows_read"] == 4 + inventory  # the register's four OPD
    assert counts["rows_read"] == counts["rows_accepted"] + counts["rows_rejected"] + counts["rows_blank"]
    assert counts["rows_rejected"] == 4


def test_a_sheet_without_a_header_is_told_once_and_not_read(run: Nights) -> None:
    district = listing()
    district.books["a"]["Data"] = [["Catatan rapat"], ["isi"], ["isi lain"]]  # type: ignore[index]
    first = run(district)
    assert [note for note in first.outcome.notes if "lembar Data" in note]
    assert first.mart.values("SELECT count(*) FROM mart.dataset") == [0]
    again = run(district, night=FIRST + timedelta(1), now=datetime(2026, 7, 2, 12, tzinfo=UTC))
    assert [note for note in again.outcome.notes if "lembar Data" in note] == []


def merged_sheet() -> Worksheet:
    """Peta Rencana with a title merged over five columns of years, the others merged down over two rows."""
    above = {1: "Nama rencana/inisiatif", 2: "Indikator", **dict.fromkeys(range(3, 8), "Target per tahun (2026-2030)")}
    cells = [RawCell(1, no, "text", title, "", a1(1, min(no, 3))) for no, title in above.items()]
    cells += [RawCell(2, no, "text", above[no], "", a1(1, no)) for no in (1, 2)]
    cells += [RawCell(2, no, "number", str(2023 + no), "", a1(2, no)) for no in range(3, 8)]
    row = {1: ("text", "Bangun"), 2: ("text", "13"), 3: ("number", "2"), 5: ("number", "3"), 7: ("number", "4")}
    cells += [RawCell(3, no, kind, text, "", a1(3, no)) for no, (kind, text) in row.items()]
    return Worksheet("Peta Rencana", tuple(cells))


def test_targets_under_a_common_title_are_read_by_year(run: Nights) -> None:
    book = Workbook("a", (*workbook_of("a", penilaian()).worksheets, merged_sheet()))
    mart = run(District(opd=FOUR_OPD, books={**listing().books, "a": book})).mart
    years = "target_2026, target_2027, target_2028, target_2029, target_2030"
    initiative = mart.row(f"SELECT {years} FROM mart.initiative")
    assert [value and int(value) for value in initiative.values()] == [2, None, 3, None, 4]


def test_a_list_of_codes_says_which_are_known(tmp_path: Path) -> None:

    titles = ["ID", "Nama Proses Bisnis", "Uraian/Deskripsi", "Kode Referensi RAB"]
    rows = [
        ["PB-01", "Daftar", "x", "RAB.01.02.07"],
        ["PB-02", "Rujuk", "x", "RAB.09.09"],
        ["PB-03", "Lain", "x", "perizinan"],
    ]
    books = {name: penilaian() for name in "abcx"}
    books["a"]["Proses Bisnis"] = [titles, *rows]
    folder = District(opd=FOUR_OPD, books=books).write_xlsx(tmp_path / "source")
    run = Nights(tmp_path / "nights")
    reference = run.settings.reference_dir
    ask_command(run, "run", "--source", str(folder), "--bare", "--night", "2026-07-01")
    with_out = run.reopen()
    assert with_out.values("SELECT is_known FROM mart.reference_code") == [None, None]
    assert with_out.values("SELECT reference_code FROM mart.business_process ORDER BY object_id")[2] == "perizinan"
    reference.mkdir(parents=True)
    (reference / "RAB.csv").write_text("kode,nama\nRAB.01,Urusan\nRAB.01.02,Kesehatan\n", encoding="utf-8")
    ask_command(run, "run", "--source", str(folder), "--bare", "--night", "2026-07-02")
    mart = run.reopen()
    told = mart.rows("SELECT code, is_known, code_name FROM mart.reference_code ORDER BY code")
    assert [tuple(row.values()) for row in told] == [("RAB.01.02", True, "Kesehatan"), ("RAB.09.09", False, None)]
    unknown = mart.rows("SELECT cell, found FROM mart.rejected_row WHERE rule_code = 'CODE_UNKNOWN'")
    assert unknown == [{"cell": "D3", "found": "RAB.09.09"}]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("kode,nama\nRAL.01,x\n", "line 2"),
        ("nomor,nama\n1,x\n", "no column kode"),
        ("kode,nama\na\n", "CSV"),
    ],
)
def test_a_broken_list_is_told_by_file_and_line(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "RAB.csv").write_text(text, encoding="utf-8")
    warehouse = Warehouse(tmp_path / "warehouse.duckdb", load_instruments())
    with pytest.raises(ConfigurationError, match=says):
        load_code_lists(warehouse, tmp_path)
    warehouse.close()
