"""Templates: what the contract names is there, pre-filled, and safe to hand out."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from spbe_etl.errors import ConfigurationError
from spbe_etl.instruments import Instrument, load_instruments
from spbe_etl.resources import seed
from spbe_etl.templates import opd_file_names, write_templates

INSTRUMENTS = load_instruments()
YEARS = {"spbe-2018": 2019, "spbe-2020": 2025, "pemdi-2026": 2026}


def headers(sheet: Worksheet) -> list[object]:
    return [cell.value for cell in sheet[1]]


def contract_headers(worksheet: str) -> list[str]:
    return [row["header"] for row in seed("worksheet_field") if row["worksheet"] == worksheet]


def write(folder: Path, code: str, opd: list[tuple[str, str]] | None = None) -> dict[str, Workbook]:
    paths = write_templates(folder, INSTRUMENTS[code], YEARS[code], opd or [])
    return {path.name: load_workbook(path) for path in paths}


@pytest.mark.parametrize("instrument", INSTRUMENTS.values(), ids=INSTRUMENTS)
def test_every_worksheet_with_columns_is_there_with_its_headers(tmp_path: Path, instrument: Instrument) -> None:
    books = write(tmp_path, instrument.code)
    assert list(books) == ["register.xlsx", "penilaian.xlsx"]
    names = {"register": "register.xlsx", "opd": "penilaian.xlsx"}
    for row in seed("worksheet"):
        book = books[names[row["workbook_kind"]]]
        expected = contract_headers(row["worksheet"])
        assert (row["worksheet"] in book.sheetnames) or not expected
        if expected:
            assert headers(book[row["worksheet"]]) == expected
            assert book[row["worksheet"]].freeze_panes == "A2"
    for book in books.values():
        assert "Petunjuk" in book.sheetnames


@pytest.mark.parametrize("instrument", INSTRUMENTS.values(), ids=INSTRUMENTS)
def test_indicators_are_filled_in_and_scores_are_not(tmp_path: Path, instrument: Instrument) -> None:
    books = write(tmp_path, instrument.code)
    carriers = list(books["register.xlsx"]["Pengampu"].iter_rows(min_row=2, max_col=3, values_only=True))
    assert [(code, str(no), carrier) for code, no, carrier in carriers] == [
        (instrument.code, one.no, None) for one in instrument.indicators
    ]
    rows = list(books["penilaian.xlsx"]["Penilaian"].iter_rows(min_row=2, max_col=4, values_only=True))
    assert [(year, str(no), name, score) for year, no, name, score in rows] == [
        (YEARS[instrument.code], one.no, one.name, None) for one in instrument.indicators if not one.is_external
    ]


def test_a_whole_score_is_chosen_from_a_list_and_a_fraction_has_limits(tmp_path: Path) -> None:
    def rule(code: str) -> tuple[object, ...]:
        sheet = write(tmp_path / code, code)["penilaian.xlsx"]["Penilaian"]
        (one,) = sheet.data_validations.dataValidation
        assert "D2" in one.sqref
        return one.type, one.formula1, one.formula2

    assert rule("spbe-2020") == ("list", '"1,2,3,4,5"', None)
    assert rule("spbe-2018") == ("list", '"0,1,2,3,4,5"', None)
    assert rule("pemdi-2026") == ("decimal", "1", "5")


def test_the_register_offers_the_words_that_the_reader_knows(tmp_path: Path) -> None:
    book = write(tmp_path, "spbe-2020")["register.xlsx"]
    rules = {rule.formula1 for sheet in book for rule in sheet.data_validations.dataValidation}
    assert rules >= {'"Asesor Internal,Dokumen,Interviu,Visitasi,Hasil Akhir"', '"Ya,Tidak"', '"spbe-2020"'}


def test_criteria_stand_where_the_instrument_has_them(tmp_path: Path) -> None:
    book = write(tmp_path / "a", "spbe-2020")["penilaian.xlsx"]
    assert book["Kriteria"].max_row == 1 + len(INSTRUMENTS["spbe-2020"].level_summaries)
    assert "Kriteria" not in write(tmp_path / "b", "pemdi-2026")["penilaian.xlsx"].sheetnames


def test_the_guide_speaks_of_this_instrument(tmp_path: Path) -> None:
    def text(code: str) -> str:
        sheet = write(tmp_path / code, code, [("A", "Dinas Contoh")])["A.xlsx"]["Petunjuk"]
        return "\n".join(str(value) for row in sheet.iter_rows(values_only=True) for value in row if value)

    spbe, pemdi = text("spbe-2020"), text("pemdi-2026")
    assert "3 (Terstandardisasi)" in spbe
    assert "3 Terstandardisasi atau Terdefinisi" in spbe
    assert "Dinas Contoh" in spbe
    assert "Indikator 5, 6, 7, 18 tidak diisi OPD" in pemdi
    assert "Terstandardisasi" not in pemdi


def test_the_register_names_the_workbooks_that_were_written(tmp_path: Path) -> None:
    opd = [("1.02/A", "Dinas Kesehatan"), ("1.02:A", "Puskesmas"), ("REGISTER", "=1+1"), ("../x", "Badan\x07 X")]
    books = write(tmp_path, "spbe-2020", opd)
    rows = list(books["register.xlsx"]["OPD"].iter_rows(min_row=2, max_col=5, values_only=True))
    assert [row[0] for row in rows] == [code for code, _ in opd]
    assert ["register.xlsx", *(row[3] for row in rows)] == list(books)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(books)
    assert books["register.xlsx"]["OPD"]["B4"].data_type == "s"
    assert rows[3][1] == "Badan X"


def test_file_names_are_safe_and_different() -> None:
    codes = ["DISKOMINFO", "diskominfo", "a/b", "a\\b", "..", "", "nul", "register", "Dinas Kesehatan", "é" * 90]
    assert opd_file_names(codes) == [
        "DISKOMINFO.xlsx",
        "diskominfo-2.xlsx",
        "a-b.xlsx",
        "a-b-2.xlsx",
        "opd.xlsx",
        "opd-2.xlsx",
        "opd-nul.xlsx",
        "register-2.xlsx",
        "Dinas-Kesehatan.xlsx",
        "opd-3.xlsx",
    ]


def test_a_filled_in_workbook_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "register.xlsx").write_bytes(b"isi")
    with pytest.raises(ConfigurationError, match=r"register\.xlsx already there"):
        write(tmp_path, "spbe-2020")
    assert (tmp_path / "register.xlsx").read_bytes() == b"isi"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_wrong_year_or_a_file_for_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="doesn't cover the year 2026"):
        write_templates(tmp_path, INSTRUMENTS["spbe-2020"], 2026)
    (tmp_path / "berkas").write_text("isi")
    with pytest.raises(ConfigurationError, match="can't be used as a folder"):
        write(tmp_path / "berkas", "spbe-2020")
