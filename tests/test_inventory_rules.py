"""Every rule of the inventories by its code: a case that breaks it and no other, and a near one that doesn't."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from conftest import FOUR_OPD, OUTCOMES, District, FakeSource, Mart, Nights, Row, derived, penilaian

from spbe_etl.cells import Cell
from spbe_etl.inventory.definitions import inventory_fields, inventory_worksheets
from spbe_etl.judging import suites

Values = Mapping[str, object]
"""Header -> what its cell holds."""
REF = Cell("error", "#REF!")
CRITICAL = {"OBJECT_KIND_UNKNOWN", "OBJECT_UNNAMED", "OBJECT_ID_UNREADABLE", "OBJECT_CONTRADICTS"}
BROKEN_BY_A_LIST = {"CODE_UNKNOWN"}
"""Rules that ask for a list of codes: test_code_lists.py."""

PROCESS = {"ID": "PB-01", "Nama Proses Bisnis": "Pendaftaran", "Uraian/Deskripsi": "mendaftar"}
SERVICE = {
    "ID": "LYN-01",
    "Nama Layanan": "Antrian",
    "Tujuan": "melayani",
    "Fungsi": "mendaftar",
    "Target Layanan": "warga",
    "Metode Layanan": "elektronik",
    "Unit Pelaksana": "bidang",
    "Proses bisnis terkait": "PB-01",
}
DATASET = {
    "ID": "DAT-01",
    "Nama Data": "Kunjungan",
    "Uraian": "jumlah kunjungan",
    "Sifat Data": "Terbuka",
    "Jenis Data": "Statistik",
    "Penghasil Data / Produsen Data": "bidang",
    "Penanggung Jawab Data / Wali Data": "bidang",
}
APPLICATION = {
    "ID": "APL-01",
    "Nama Aplikasi": "Antrian Online",
    "Uraian/Deskripsi": "mengatur antrian",
    "Fungsi": "antrian",
    "Basis Aplikasi": "web",
    "Unit Pengembang": "bidang",
    "Unit Operasional": "bidang",
    "Relasi ke layanan (DAL)": "LYN-01",
    "Infrastruktur tempat berjalan": "INF-01",
}
SERVER = {
    "Jenis Objek": "Perangkat Keras Server",
    "ID": "INF-01",
    "Nama Objek": "Server",
    "Uraian/Deskripsi": "server web",
    "Status Kepemilikan": "milik sendiri",
    "Jenis Penggunaan Server": "web",
}
CLOUD = {
    "Jenis Objek": "Komputasi Awan",
    "ID": "INF-02",
    "Nama Objek": "Awan",
    "Uraian/Deskripsi": "awan",
    "Tipe Government Cloud": "IaaS",
    "Status Kepemilikan": "sewa",
}
AWARENESS = {
    "Jenis Objek": "Edukasi Kesadaran Keamanan",
    "ID": "KAM-01",
    "Nama Kegiatan": "Sosialisasi",
    "Uraian/Deskripsi": "sosialisasi",
    "Tanggal Kegiatan": date(2026, 3, 1),
}
STANDARD = {
    "Jenis Objek": "Standar, Prosedur, dan Regulasi Keamanan",
    "ID": "KAM-02",
    "Nama Kegiatan": "SOP",
    "Uraian/Deskripsi": "SOP",
    "Tanggal Mulai Penerapan": date(2025, 1, 1),
}
INITIATIVE = {
    "Aspek": "Aplikasi",
    "Nama rencana/inisiatif": "Membangun antrian",
    "Indikator": "13",
    "Target 2026": 2,
    "Tanggal awal": date(2026, 1, 1),
    "Tanggal akhir": date(2026, 12, 31),
    "SKPD/OPD penanggung jawab": "A",
}
SOUND: Mapping[str, Sequence[Values]] = {
    "Proses Bisnis": [PROCESS],
    "Layanan": [SERVICE],
    "Data": [DATASET],
    "Aplikasi": [APPLICATION],
    "Infrastruktur": [SERVER, CLOUD],
    "Keamanan": [AWARENESS, STANDARD],
    "Peta Rencana": [INITIATIVE],
}


@dataclass(frozen=True)
class Case:
    """A worksheet whose rows break a rule, at which cells and with what said to be found; and rows that don't."""

    worksheet: str
    broken: Sequence[Values]
    cells: Mapping[str, str]
    sound: Sequence[Values] = field(default_factory=list)
    without: Sequence[str] = ()
    """Columns that the broken worksheet hasn't got."""


def columns(worksheet: str, without: Sequence[str] = ()) -> list[str]:
    return [one.header for one in inventory_worksheets()[worksheet] if one.header not in without]


def sheet(worksheet: str, rows: Sequence[Values], without: Sequence[str] = ()) -> list[Row]:
    titles = columns(worksheet, without)
    return [titles, *([row.get(title) for title in titles] for row in rows)]


def at(worksheet: str, header: str, row_no: int = 2) -> str:
    from openpyxl.utils import get_column_letter

    return f"{get_column_letter(columns(worksheet).index(header) + 1)}{row_no}"


def changed(worksheet: str, header: str, broken: object, found: str, *sound: object) -> Case:
    """The first sound row of a worksheet with one cell that breaks the rule, and with each value that doesn't."""
    base = SOUND[worksheet][0]
    ids = [base.get("ID"), *(f"S-{no}" for no in range(1, len(sound)))]
    rows = [{**base, "ID": object_id, header: value} for object_id, value in zip(ids, sound, strict=True)]
    return Case(worksheet, [{**base, header: broken}], {at(worksheet, header): found}, rows)


HIDDEN = "isi tidak ditampilkan"
CASES: dict[str, Case] = {
    "OBJECT_KIND_UNKNOWN": Case(
        "Infrastruktur",
        [{**SERVER, "Jenis Objek": "Satelit"}, {**SERVER, "ID": "INF-03", "Jenis Objek": None}],
        {at("Infrastruktur", "Jenis Objek"): HIDDEN, at("Infrastruktur", "Jenis Objek", 3): "kosong"},
        [{**SERVER, "Jenis Objek": "  server "}],
    ),
    "OBJECT_UNNAMED": Case(
        "Peta Rencana",
        [{**INITIATIVE, "Nama rencana/inisiatif": None}],
        {at("Peta Rencana", "Nama rencana/inisiatif"): "kosong"},
        [{**INITIATIVE, "ID": "PR-01", "Nama rencana/inisiatif": None}],
    ),
    "OBJECT_ID_UNREADABLE": changed("Aplikasi", "ID", REF, "#REF!", "APL-09"),
    "OBJECT_CONTRADICTS": Case(
        "Data",
        [DATASET, {**DATASET, "Uraian": "lain"}],
        {"A2": "DAT-01", "A3": "DAT-01"},
        [DATASET, DATASET, {**DATASET, "ID": "DAT-02"}],
    ),
    "OBJECT_ID_MISSING": changed("Keamanan", "ID", None, "KAM-D16CE671", "KAM-9"),
    "COLUMN_MISSING": Case(
        "Data", [DATASET, {**DATASET, "ID": "DAT-02"}], {"A2": "kosong"}, [DATASET], without=["Sifat Data"]
    ),
    "FIELD_MISSING": changed("Layanan", "Tujuan", " - ", HIDDEN, "x"),
    "CELL_ERROR": changed("Layanan", "Tujuan", REF, HIDDEN, "melayani"),
    "URL_MALFORMED": changed("Aplikasi", "URL", "htp:/antri", HIDDEN, "https://antri.example.id/x?y=1", None),
    "DATE_UNREADABLE": changed("Keamanan", "Tanggal Kegiatan", "kemarin", HIDDEN, "31/12/2025", "5 Maret 2025"),
    "YEAR_UNREADABLE": changed("Aplikasi", "Tahun Pembangunan", "dua ribu", "dua ribu", "2021", 2021),
    "MONEY_UNREADABLE": changed("Peta Rencana", "Anggaran", "banyak", HIDDEN, "Rp1.500.000", "2,5 miliar", 0),
    "CODE_MALFORMED": changed(
        "Proses Bisnis", "Kode Referensi RAB", "Perizinan", "Perizinan", "RAB.01.02 Perizinan", "01.02"
    ),
    "TARGET_UNREADABLE": changed("Peta Rencana", "Target 2026", "tinggi", "tinggi", "Level 3", "2,5"),
    "INDICATOR_UNREADABLE": changed("Peta Rencana", "Indikator", "aplikasi", "aplikasi", "Indikator 13 dan 14", 13),
    "STATUS_UNKNOWN": changed("Peta Rencana", "Status", "mangkrak", HIDDEN, "sedang berjalan"),
    "CONTENT_UNKNOWN": changed("Peta Rencana", "Aspek", "Gedung", HIDDEN, "audit tik"),
    "FIELD_UNREADABLE": changed(
        "Peta Rencana", "Dikonsultasikan ke pengelola TIK", "nanti", HIDDEN, "Ya", "tidak", None
    ),
    "YEAR_IMPLAUSIBLE": changed("Aplikasi", "Tahun Pembangunan", 1921, "1921", 1990, 2031),
    "DATE_IMPLAUSIBLE": changed("Keamanan", "Tanggal Kegiatan", date(1925, 3, 1), HIDDEN, date(2011, 3, 1)),
    "DATES_REVERSED": changed("Peta Rencana", "Tanggal akhir", date(2025, 12, 31), HIDDEN, date(2026, 1, 1)),
    "MONEY_IMPLAUSIBLE": changed("Peta Rencana", "Anggaran", 1500, HIDDEN, 15_000, "9.000.000.000.000", 0),
    "CODE_WRONG_LEVEL": changed("Proses Bisnis", "RAB Level 4", "RAB.01.02", "RAB.01.02", "RAB.01.02.03.04"),
    "CODE_OF_OTHER_DOMAIN": changed("Proses Bisnis", "Kode Referensi RAB", "RAL.01.02", "RAL.01.02", "rab 1.2"),
    "REFERENCE_UNKNOWN": changed(
        "Aplikasi", "Relasi ke layanan (DAL)", "LYN-01; LYN-99", "LYN-99", "lyn-01", "Antrian", "A/LYN-01"
    ),
    "REFERENCE_AMBIGUOUS": changed("Aplikasi", "Relasi ke data (DAD)", "DAT-77", "DAT-77", "B/DAT-77", "DAT-01"),
    "CLASSIFICATION_MISSING": Case(
        "Data",
        [{**DATASET, "Sifat Data": "Terbatas"}, {**DATASET, "ID": "DAT-02", "Nama Data": "Daftar NIK pasien"}],
        {at("Data", "Klasifikasi keamanan data"): "kosong", at("Data", "Klasifikasi keamanan data", 3): "kosong"},
        [
            {**DATASET, "Sifat Data": "Data pribadi", "Klasifikasi keamanan data": "Rahasia"},
            {**DATASET, "ID": "DAT-02", "Sifat Data": "Terbuka, bukan data pribadi"},
        ],
    ),
    "INSTRUMENT_UNKNOWN": changed("Peta Rencana", "Instrumen", "spbe-2019", "spbe-2019", "SPBE 2020", "pemdi-2026"),
    "INDICATOR_UNKNOWN": changed("Peta Rencana", "Indikator", "13; 21", "21 (pemdi-2026)", "20"),
    "TARGET_OFF_SCALE": changed("Peta Rencana", "Target 2026", 6, "6", "4,75"),
    "TARGET_FALLS": Case(
        "Peta Rencana",
        [{**INITIATIVE, "Target 2026": 3, "Target 2027": 2}],
        {at("Peta Rencana", "Target 2027"): "2"},
        [{**INITIATIVE, "Target 2026": 3, "Target 2028": 3}],
    ),
    "OPD_UNKNOWN": changed("Peta Rencana", "SKPD/OPD penanggung jawab", "Dinas Z", HIDDEN, "b", "Dinas B"),
}


def district(code: str, worksheet: str, rows: Sequence[Values], without: Sequence[str] = ()) -> District:
    """A district whose OPD A has sound inventories but for one worksheet; B and C list data of one ID."""
    sheets = {
        name: sheet(name, rows if name == worksheet else sound, without if name == worksheet else ())
        for name, sound in SOUND.items()
    }
    other = {"Data": sheet("Data", [{**DATASET, "ID": "DAT-77", "Nama Data": "Lain"}])}
    books = {"a": {**penilaian(), **sheets}, **{name: {**penilaian(), **other} for name in "bc"}, "x": penilaian()}
    return District(code, opd=FOUR_OPD, books=books)


@dataclass(frozen=True)
class Judged:
    mart: Mart
    outcomes: Mapping[str, Sequence[str]]

    def lines(self, code: str) -> list[dict[str, Any]]:
        return self.mart.rows("FROM mart.rejected_row WHERE institution_code = ? ORDER BY row_no, cell", [code])


@pytest.fixture(scope="module")
def judged(module_run: Nights) -> Judged:
    districts = []
    for rule_code, case in CASES.items():
        districts.append(district(f"{rule_code}/broken", case.worksheet, case.broken, case.without))
        districts.append(district(f"{rule_code}/sound", case.worksheet, case.sound))
    ran = module_run(FakeSource(districts))
    assert dict(ran.outcome.refused) == {}
    outcomes: dict[str, list[str]] = {}
    with derived(module_run.settings.data_dir) as warehouse:
        wanted = f"FROM ({OUTCOMES}) WHERE suite = 'inventory' AND opd_code = 'A' ORDER BY institution_code, row_no"
        for row in warehouse.rows(wanted):
            outcomes.setdefault(f"{row['institution_code']}:{row['worksheet']}", []).append(row["outcome"])
    return Judged(ran.mart, outcomes)


@pytest.mark.parametrize("rule_code", CASES)
def test_a_broken_rule_names_the_cell_and_what_was_found(judged: Judged, rule_code: str) -> None:
    case = CASES[rule_code]
    lines = judged.lines(f"{rule_code}/broken")
    assert {line["rule_code"] for line in lines} == {rule_code}
    assert {line["cell"]: line["found"] for line in lines} == case.cells
    for line in lines:
        assert line["message"].startswith(f"Sel {line['cell']}: ")
        assert "{" not in line["message"]
        assert (line["opd_code"], line["worksheet"]) == ("A", case.worksheet)


@pytest.mark.parametrize("rule_code", CASES)
def test_its_severity(judged: Judged, rule_code: str) -> None:
    case = CASES[rule_code]
    severity = "critical" if rule_code in CRITICAL else "warning"
    assert {line["severity"] for line in judged.lines(f"{rule_code}/broken")} == {severity}
    outcome = "rejected" if rule_code in CRITICAL else "accepted"
    assert judged.outcomes[f"{rule_code}/broken:{case.worksheet}"][: len(case.broken)] == [outcome] * len(case.broken)


@pytest.mark.parametrize("rule_code", CASES)
def test_a_near_case_passes(judged: Judged, rule_code: str) -> None:
    assert judged.lines(f"{rule_code}/sound") == []


def test_every_rule_has_a_case_and_every_case_a_rule() -> None:
    assert set(CASES) | BROKEN_BY_A_LIST == {rule.rule_code for rule in suites()["inventory"].rules}


def test_every_reader_that_can_fail_has_a_rule() -> None:
    judged_as = {
        value
        for one in suites()["inventory"].expectations
        if one["kwargs"]["column"] == "unreadable_as"
        for value in one["kwargs"]["value_set"]
    }
    by_object = {one.reader for one in inventory_fields() if one.need == "kind"}
    assert {one.reader for one in inventory_fields()} - by_object == judged_as
