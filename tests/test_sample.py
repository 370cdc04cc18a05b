"""The sample: what it promises about its figures, its mess and the folder it's written to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from spbe_etl.errors import ConfigurationError
from spbe_etl.instruments import load_instruments
from spbe_etl.resources import seed
from spbe_etl.sample import write_sample
from spbe_etl.sample.mess import KINDS

SYNTHETIC = "DATA SINTETIS UNTUK CONTOH - bukan data resmi"
# A literal copy of the published results (LHE 2021, LHP 2022), indicators 1-47.
BANDAR_LAMPUNG = {
    2021: "11111111111111111111111111111111111311113312111",
    2022: "22332222111111111111111111111111113211133414111",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("contoh") / "baru"
    write_sample(path)
    return path


def table(path: Path, worksheet: str, key: str) -> list[dict[str, Cell]]:
    """Rows below the row that holds `key`, by header."""
    rows = list(load_workbook(path)[worksheet].iter_rows())
    for no, row in enumerate(rows):
        headers = [" ".join(str(cell.value or "").split()) for cell in row]
        if key in headers:
            return [dict(zip(headers, below, strict=True)) for below in rows[no + 1 :]]
    raise AssertionError(f"{path}: no row holds {key}")


def values(path: Path, worksheet: str, key: str) -> list[dict[str, object]]:
    return [{name: cell.value for name, cell in row.items()} for row in table(path, worksheet, key)]


def register(folder: Path, worksheet: str, key: str, sample: str = "selayar") -> list[dict[str, object]]:
    return values(folder / sample / "register.xlsx", worksheet, key)


def all_cells(path: Path) -> Iterator[tuple[object, ...]]:
    for sheet in load_workbook(path):
        for row in sheet.iter_rows():
            for cell in row:
                yield path.name, sheet.title, cell.coordinate, cell.data_type, cell.value


def test_every_file_is_returned_and_nothing_else_is_there(tmp_path: Path) -> None:
    written = write_sample(tmp_path)
    assert sorted(written) == sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert len(written) == len(set(written))


def test_the_official_index_of_2023_is_exactly_the_stated_one(folder: Path) -> None:
    weights = {one.no: one.weight for one in load_instruments()["spbe-2020"].indicators}
    scores = {
        str(row["No Indikator"]): Fraction(str(row["Nilai"]))
        for row in register(folder, "Verifikasi", "No Indikator")
        if (row["Tahun"], row["Tahap"]) == (2023, "Hasil Akhir")
    }
    assert scores.keys() == weights.keys()
    assert sum(scores[no] * weights[no] for no in weights) == 193


def test_bandar_lampung_holds_the_published_scores_and_figures(folder: Path) -> None:
    rows = register(folder, "Verifikasi", "No Indikator", "bandar-lampung")
    for year, published in BANDAR_LAMPUNG.items():
        of_year = [row for row in rows if row["Tahun"] == year]
        assert [row["No Indikator"] for row in of_year] == list(range(1, 48))
        assert "".join(str(row["Nilai"]) for row in of_year) == published
        assert {row["Tahap"] for row in of_year} == {"Hasil Akhir"}
    figures = register(folder, "Hasil Terbit", "Bagian", "bandar-lampung")
    assert {row["Tahun"]: row["Nilai"] for row in figures if row["Bagian"] == "Indeks"} == {2021: 1.2, 2022: 1.5}
    assert Counter(str(row["Bagian"]).split()[0] for row in figures) == {"Indeks": 2, "Domain": 8, "Aspek": 16}
    assert all(row["Sumber"] for row in figures)


def test_every_indicator_has_a_known_carrier_and_known_supporters(folder: Path) -> None:
    codes = {row["Kode OPD"] for row in register(folder, "OPD", "Kode OPD")}
    rows = register(folder, "Pengampu", "No Indikator")
    assert Counter(row["Instrumen"] for row in rows) == {"spbe-2020": 47, "pemdi-2026": 20}
    for row in rows:
        supporters = {code.strip() for code in str(row["Pendukung"] or "").split(";") if code.strip()}
        assert row["Pengampu"] in codes
        assert supporters <= codes | {"SEMUA"}


def test_the_register_names_workbooks_that_exist(folder: Path) -> None:
    rows = register(folder, "OPD", "Kode OPD")
    named = {str(row["Spreadsheet"]) for row in rows if row["Spreadsheet"]}
    there = {path.name for path in (folder / "selayar").iterdir()}
    assert named == there - {"register.xlsx"}
    assert [row["Kode OPD"] for row in rows if not row["Spreadsheet"]] == ["KEC-PASILAMBENA"]
    assert [row["Kode OPD"] for row in rows if row["Aktif"] == "Tidak"] == ["DKP"]


def test_each_practice_gate_for_all_opd_is_held_back_by_a_few(folder: Path) -> None:
    gates = {one.no: one.gate_level for one in load_instruments()["spbe-2020"].indicators if one.gate_level}
    codes = [str(row["Kode OPD"]) for row in register(folder, "OPD", "Kode OPD") if row["Aktif"] == "Ya"]
    at_gate: Counter[str] = Counter()
    for code in codes:
        path = folder / "selayar" / f"{code.lower()}.xlsx"
        for one in values(path, "Penilaian", "Penjelasan") if path.exists() else []:
            no = str(one.get("No Indikator") or one.get("No. Indikator"))
            score = one.get("Tingkat Kematangan")
            if no in gates and isinstance(score, int) and score >= (gates[no] or 0):
                at_gate[no] += 1
    for row in register(folder, "Pengampu", "No Indikator"):
        if row["Pendukung"] == "SEMUA":
            # Spelled scores (Level 3, III) count as answers; here they only widen the margin.
            assert 2 <= len(codes) - at_gate[str(row["No Indikator"])] <= 8


def test_every_workbook_says_what_it_is(folder: Path) -> None:
    for path in (folder / "selayar").iterdir():
        for sheet in load_workbook(path):
            assert sheet["A1"].value == SYNTHETIC, path
    for sheet in load_workbook(folder / "bandar-lampung" / "register.xlsx"):
        assert "resmi" in str(sheet["A1"].value).casefold()
    assert "SINTETIS" in (folder / "BACA-SAYA.txt").read_text(encoding="utf-8")


def test_every_evidence_link_says_that_it_leads_nowhere(folder: Path) -> None:
    for path in (folder / "selayar").glob("*.xlsx"):
        for cell in all_cells(path):
            if isinstance(cell[4], str) and "://" in cell[4]:
                # No address under .example can ever be reached (RFC 2606).
                assert all("CONTOH" in link or ".example/" in link for link in cell[4].split("\n")), cell


def test_nothing_is_answered_for_external_indicators(folder: Path) -> None:
    external = {int(one.no) for one in load_instruments()["pemdi-2026"].indicators if one.is_external}
    for path in (folder / "selayar").glob("*.xlsx"):
        if path.name not in ("register.xlsx", "satpolpp.xlsx"):
            rows = values(path, "Penilaian", "No Indikator")
            assert not [row for row in rows if row["Tahun"] == 2026 and row["No Indikator"] in external]


def one_row(folder: Path, opd: str, year: int, indicator: int) -> list[dict[str, Cell]]:
    rows = table(folder / "selayar" / f"{opd}.xlsx", "Penilaian", "Penjelasan")
    return [row for row in rows if (row["Tahun"].value, row["No Indikator"].value) == (year, indicator)]


def test_the_mess_is_in_the_cells(folder: Path) -> None:
    def score(opd: str, indicator: int) -> Cell:
        return one_row(folder, opd, 2025, indicator)[0]["Tingkat Kematangan"]

    assert score("dispusip", 37).value == " 2 "
    assert score("bag-org", 14).value == "2,0"
    assert score("inspektorat", 39).value == "3-4"
    assert (score("bpkad", 38).data_type, score("bpkad", 38).value) == ("e", "#REF!")
    assert (score("distan", 17).is_date, str(score("distan", 17).value)) == (True, "2025-04-03 00:00:00")
    assert [row["Tingkat Kematangan"].value for row in one_row(folder, "disperindag", 2025, 20)] == [4, 3]
    assert len({row["Tingkat Kematangan"].value for row in one_row(folder, "setwan", 2025, 13)}) == 1
    assert len(one_row(folder, "setwan", 2025, 13)) == 2
    assert one_row(folder, "bag-hukum", 2025, 44)[0]["Bukti Dukung"].value is None


def test_the_mess_is_on_the_sheets(folder: Path) -> None:
    def sheet(opd: str) -> Worksheet:
        return load_workbook(folder / "selayar" / f"{opd}.xlsx")["Penilaian"]

    assert sheet("kec-bontomatene").merged_cells.ranges
    assert any(row.hidden for row in sheet("kesbangpol").row_dimensions.values())
    assert sheet("kec-pasimarannu").max_row == 4
    assert sheet("dishub").max_column == 8
    assert sheet("satpolpp")["B4"].value == "No. Indikator"
    assert sheet("kec-bontoharu")["D4"].value == "Tingkat\nKematangan"
    assert sheet("bag-umum").max_row > 30
    assert sheet("bappeda")["A6"].value == "Tahun"


def test_every_line_of_mess_is_of_a_known_kind_and_opd() -> None:
    lines = seed("sample/mess")
    assert {line["kind"] for line in lines} <= KINDS
    assert {line["opd_code"] for line in lines} <= {opd["opd_code"] for opd in seed("sample/opd")}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_the_same_claims(tmp_path: Path, folder: Path) -> None:
    again = write_sample(tmp_path / "lagi")
    for path in again:
        assert path.read_bytes() == (folder / path.relative_to(tmp_path / "lagi")).read_bytes(), path.name
    other = write_sample(tmp_path / "lain", seed=1)
    assert [path.name for path in other] == [path.name for path in again]
    cells = [list(all_cells(tmp_path / name / "selayar" / "dlh.xlsx")) for name in ("lagi", "lain")]
    assert cells[0] != cells[1]
    carried = [one_row(tmp_path / name, "bpkad", 2025, 33) for name in ("lagi", "lain")]
    assert carried[0][0]["Tingkat Kematangan"].value == carried[1][0]["Tingkat Kematangan"].value


def test_an_earlier_sample_is_replaced(tmp_path: Path) -> None:
    written = write_sample(tmp_path)
    before = written[1].read_bytes()
    written[1].write_bytes(b"rusak")
    assert write_sample(tmp_path) == written
    assert written[1].read_bytes() == before


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "berkas").write_text("isi")
    with pytest.raises(ConfigurationError, match="is a file"):
        write_sample(tmp_path / "berkas")
    with pytest.raises(ConfigurationError, match="can't be used as a folder"):
        write_sample(tmp_path / "berkas" / "di-bawahnya")


def test_a_folder_with_other_content_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "BACA-SAYA.txt").write_text("catatan orang lain\n")
    with pytest.raises(ConfigurationError, match="no earlier sample"):
        write_sample(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["BACA-SAYA.txt"]
