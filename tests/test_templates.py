"""Templates: what the contract names is there, pre-filled, and safe to hand out."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from conftest import District, Nights
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string
from openpyxl.worksheet.worksheet import Worksheet

from spbe_etl.cells import Cell, read_date
from spbe_etl.errors import ConfigurationError
from spbe_etl.instruments import Instrument, load_instruments
from spbe_etl.resources import seed
from spbe_etl.scores import read_score, scale_of
from spbe_etl.templates import contract_version, opd_file_names, opd_workbook, write_templates

GUIDE = (Path(__file__).parents[1] / "docs" / "panduan-opd.md").read_text(encoding="utf-8")
INSTRUMENTS = load_instruments()
SUMMARY = "Ringkasan Tingkat"
YEARS = {"spbe-2018": 2019, "spbe-2020": 2025, "pemdi-2026": 2026}


def headers(sheet: Worksheet) -> list[object]:
    return [cell.value for cell in sheet[1]]


def template_headers(worksheet: str, instrument: Instrument) -> list[str]:
    """The contract's headers; `Ringkasan Tingkat` right after `Indikator` where the instrument has summaries."""
    known = [row["header"] for row in seed("worksheet_field") if row["worksheet"] == worksheet]
    if SUMMARY in known:
        known.remove(SUMMARY)
        if instrument.level_summaries:
            known.insert(known.index("Indikator") + 1, SUMMARY)
    return known


def letter(sheet: Worksheet, header: str) -> str:
    return get_column_letter(headers(sheet).index(header) + 1)


def column(sheet: Worksheet, header: str) -> list[object]:
    return [cell.value for cell in sheet[letter(sheet, header)][1:]]


def penilaian(code: str) -> Worksheet:
    return load_workbook(BytesIO(opd_workbook(INSTRUMENTS[code], YEARS[code], "Dinas Contoh")))["Penilaian"]


def is_locked(sheet: Worksheet, place: str) -> bool:
    """As a spreadsheet sees it: by the cell's own style, or by its column's where the file holds no such cell."""
    name, row_no = coordinate_from_string(place)
    no = column_index_from_string(name)
    if (row_no, no) in sheet._cells:
        return bool(sheet[place].protection.locked)
    (holder,) = [one for one in sheet.column_dimensions.values() if one.min <= no <= one.max]
    return bool(holder.protection.locked)


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
        expected = template_headers(row["worksheet"], instrument)
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
    sheet = books["penilaian.xlsx"]["Penilaian"]
    filled_in = (column(sheet, header) for header in ("Tahun", "No Indikator", "Indikator", "Tingkat Kematangan"))
    assert [(year, str(no), name, score) for year, no, name, score in zip(*filled_in, strict=True)] == [
        (YEARS[instrument.code], one.no, one.name, None) for one in instrument.indicators if not one.is_external
    ]


def test_a_whole_score_is_chosen_from_a_list_and_a_fraction_has_limits(tmp_path: Path) -> None:
    def rule(code: str) -> tuple[object, ...]:
        sheet = write(tmp_path / code, code)["penilaian.xlsx"]["Penilaian"]
        (one,) = sheet.data_validations.dataValidation
        place = letter(sheet, "Tingkat Kematangan")
        assert str(one.sqref) == f"{place}2:{place}{sheet.max_row + 300}"
        return one.type, one.formula1, one.formula2

    assert rule("spbe-2020") == ("list", '"1,2,3,4,5"', None)
    assert rule("spbe-2018") == ("list", '"0,1,2,3,4,5"', None)
    assert rule("pemdi-2026") == ("decimal", "1", "5")


def test_the_register_offers_the_words_that_the_reader_knows(tmp_path: Path) -> None:
    book = write(tmp_path, "spbe-2020")["register.xlsx"]
    stages = '"Asesor Internal,Dokumen,Interviu,Visitasi,Hasil Akhir"'
    assert {
        (sheet.title, sheet[str(rule.sqref).split(":")[0][:-1] + "1"].value, rule.formula1)
        for sheet in book
        for rule in sheet.data_validations.dataValidation
    } == {
        ("OPD", "Aktif", '"Ya,Tidak"'),
        ("Pengampu", "Instrumen", '"spbe-2020"'),
        ("Verifikasi", "Tahap", stages),
        ("Verifikasi", "Nilai", '"1,2,3,4,5"'),
    }


def test_level_summaries_stand_beside_each_indicator_where_the_instrument_has_them() -> None:
    sheet = penilaian("spbe-2020")
    place = letter(sheet, SUMMARY)
    assert (letter(sheet, "Indikator"), place, letter(sheet, "Tingkat Kematangan")) == ("C", "D", "E")
    texts = dict(zip(column(sheet, "No Indikator"), column(sheet, SUMMARY), strict=True))
    assert len(texts) == 47
    for no, text in texts.items():
        of_indicator = [one for one in INSTRUMENTS["spbe-2020"].level_summaries if one.indicator_no == str(no)]
        assert str(text).split("\n") == [f"{level}: {one.summary}" for level, one in enumerate(of_indicator, start=1)]
        assert len(of_indicator) == 5
    for code in ("spbe-2018", "pemdi-2026"):
        assert SUMMARY not in headers(penilaian(code))


def test_level_summaries_are_small_and_leave_the_sheet_scannable() -> None:
    sheet = penilaian("spbe-2020")
    place = letter(sheet, SUMMARY)
    assert 55 <= sheet.column_dimensions[place].width <= 65
    for cell in sheet[place][1:]:
        assert (cell.font.sz, cell.font.color.rgb, cell.alignment.wrap_text) == (8, "00595959", True)
        assert 90 <= sheet.row_dimensions[cell.row].height <= 110
        assert sheet.cell(cell.row, 1).font.sz == 11
    assert penilaian("pemdi-2026").row_dimensions[2].height is None


@pytest.mark.parametrize("code", YEARS)
def test_an_opd_can_write_everywhere_but_over_what_we_wrote(code: str) -> None:
    sheet = penilaian(code)
    ours = {"Tahun", "No Indikator", "Indikator", SUMMARY}
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    for header, *cells in sheet.iter_cols():
        assert is_locked(sheet, header.coordinate)
        assert {is_locked(sheet, cell.coordinate) for cell in cells} == {header.value in ours}
    new_row, note = sheet.max_row + 1, get_column_letter(sheet.max_column + 1)
    for place in (f"A{new_row}", f"C{new_row}", "E1000000", f"{note}1", f"{note}2", f"{note}{new_row}", "XFD1", "XFD9"):
        assert not is_locked(sheet, place), place


def test_the_register_locks_its_headers_alone(tmp_path: Path) -> None:
    book = write(tmp_path, "spbe-2020", [("A", "Dinas Contoh")])["register.xlsx"]
    for sheet in book:
        if sheet.title == "Petunjuk":
            continue
        assert sheet.protection.sheet
        for row in sheet.iter_rows():
            assert {is_locked(sheet, cell.coordinate) for cell in row} == {row[0].row == 1}, sheet.title
        assert not any(is_locked(sheet, place) for place in ("A500", "Z1", "XFD500"))


def test_protected_tables_can_still_be_filtered_formatted_and_extended(tmp_path: Path) -> None:
    books = write(tmp_path, "spbe-2020")
    actions = "formatCells formatColumns formatRows insertColumns insertRows insertHyperlinks sort autoFilter"
    for sheet in (books["penilaian.xlsx"]["Penilaian"], books["register.xlsx"]["Pengampu"]):
        for action in actions.split():
            assert not getattr(sheet.protection, action), action  # in the file, true forbids
        assert sheet.auto_filter.ref == f"A1:{get_column_letter(sheet.max_column)}{sheet.max_row + 300}"


def test_what_is_there_to_be_read_is_locked_whole(tmp_path: Path) -> None:
    books = write(tmp_path, "spbe-2020")
    opd, register = books["penilaian.xlsx"], books["register.xlsx"]
    for sheet in (opd["Petunjuk"], opd["Kriteria"], register["Petunjuk"]):
        assert sheet.protection.sheet
        assert sheet.protection.insertRows
        assert sheet.protection.formatCells
        assert all(cell.protection.locked for row in sheet.iter_rows() for cell in row)
        assert not any(one.has_style for one in sheet.column_dimensions.values())
    assert not opd["Kriteria"].protection.autoFilter


def test_every_workbook_says_which_contract_it_was_made_for(tmp_path: Path) -> None:
    assert contract_version() == "1"
    for code, year in YEARS.items():
        for name, book in write(tmp_path / code, code, [("A", "Dinas Contoh")]).items():
            assert book.custom_doc_props["spbe_contract_version"].value == "1", name
            guide = dict(book["Petunjuk"].iter_rows(max_col=2, values_only=True))
            assert guide["Versi format"] == f"1 ({code}, tahun {year})", name


def test_the_workbook_to_upload_is_the_one_in_the_folder(tmp_path: Path) -> None:
    def content(book: bytes) -> dict[str, bytes]:
        with zipfile.ZipFile(BytesIO(book)) as archive:
            # the core properties tell when it was made
            return {name: archive.read(name) for name in archive.namelist() if name != "docProps/core.xml"}

    write(tmp_path, "spbe-2020", [("A", "Dinas Contoh")])
    made = opd_workbook(INSTRUMENTS["spbe-2020"], 2025, "Dinas Contoh")
    assert content(made) == content((tmp_path / "A.xlsx").read_bytes())
    with pytest.raises(ConfigurationError, match="doesn't cover the year 2026"):
        opd_workbook(INSTRUMENTS["spbe-2020"], 2026, "Dinas Contoh")


@pytest.mark.parametrize("code", ["spbe-2020", "pemdi-2026"])
def test_filled_in_templates_are_read_without_a_note(tmp_path: Path, run: Nights, code: str) -> None:
    folder, year = tmp_path / "templat", YEARS[code]
    register = write(folder, code, [("A", "Dinas A")])["register.xlsx"]
    register["Instansi"].append(["73.01", "Kabupaten Contoh", "Kabupaten", "Asia/Makassar"])
    for row_no in range(2, register["Pengampu"].max_row + 1):
        register["Pengampu"][f"{letter(register['Pengampu'], 'Pengampu')}{row_no}"] = "A"
    register.save(folder / "register.xlsx")
    book = load_workbook(BytesIO(opd_workbook(INSTRUMENTS[code], year, "Dinas A")))
    answer = {"Tingkat Kematangan": 3, "Penjelasan": "sudah berjalan", "Bukti Dukung": "https://bukti.example.id/1"}
    for header, value in answer.items():
        book["Penilaian"][f"{letter(book['Penilaian'], header)}2"] = value
    book.save(folder / "A.xlsx")

    ran = run(folder)
    assert (ran.outcome.exit_code, ran.outcome.notes, ran.outcome.failures) == (0, (), ())
    assert ran.mart.rows("FROM mart.rejected_row") == []
    answered = ran.mart.rows("SELECT indicator_no, score, cell FROM mart.indicator_snapshot WHERE is_answered")
    score_cell = f"{letter(book['Penilaian'], 'Tingkat Kematangan')}2"
    assert [(one["indicator_no"], int(one["score"]), one["cell"]) for one in answered] == [("1", 3, score_cell)]
    assert ran.outcome.counts["rows_blank"] == book["Penilaian"].max_row - 2


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


# --- the guide for OPD ---------------------------------------------------------------------------------------------


def guide_tables() -> list[list[list[str]]]:
    """Rows of the guide's tables, header and rule aside."""
    blocks = re.findall(r"(?:^\|.*\n)+", GUIDE, re.MULTILINE)
    return [[[cell.strip() for cell in re.split(r"\|", line)[1:-1]] for line in one.splitlines()[2:]] for one in blocks]


def examples(start: str) -> list[str]:
    """What's quoted in the paragraph that begins so."""
    (paragraph,) = re.findall(rf"\*\*{re.escape(start)}\*\*(.*?)\n\n", GUIDE, re.DOTALL)
    return re.findall(r"`([^`]+)`", paragraph)


def test_the_guide_says_what_score_cells_accept() -> None:
    def problems(code: str, texts: list[str]) -> list[str]:
        scale = scale_of(INSTRUMENTS[code], "process")
        return [text for text in texts if read_score(Cell("text", text), scale).problem]

    accepted, refused = examples("Angka yang diterima."), examples("Yang ditolak.")
    spbe, pemdi = accepted[: accepted.index("2")], accepted[accepted.index("2") :]
    assert (len(spbe), len(pemdi), len(refused)) == (7, 3, 7)
    assert problems("spbe-2020", spbe) == []
    assert problems("pemdi-2026", pemdi) == []
    assert problems("spbe-2020", refused) == refused
    assert problems("pemdi-2026", refused) == [text for text in refused if text != "2,5"]


def test_the_guide_names_the_columns_and_dates_that_are_read() -> None:
    columns = {row[0].strip("`"): row[1] for row in guide_tables()[0]}
    ours = examples("Yang mohon tidak diubah.")
    marks = {row["name"]: row["text"] for row in seed("feedback_text")}
    assert [*columns, *ours[:4]] == [
        *("Tingkat Kematangan", "Penjelasan", "Bukti Dukung", "Tanggal Bukti"),
        *headers(penilaian("spbe-2020"))[:4],
    ]
    assert ours[4:] == [marks["status_header"], marks["summary_worksheet"]]
    dates = re.findall(r"`([^`]+)`", columns["Tanggal Bukti"])
    assert [read_date(Cell("text", text)).value for text in dates] == ["2025-12-31"] * 3


def test_the_guide_shows_what_a_night_really_says(tmp_path: Path, run: Nights) -> None:
    marks = {row["name"]: row["text"] for row in seed("feedback_text")}
    book = load_workbook(BytesIO(opd_workbook(INSTRUMENTS["spbe-2020"], 2025, "Dinas A")))
    sheet = book["Penilaian"]
    expected: dict[str, str] = {}
    for no, score, link, status in guide_tables()[1]:
        row_no = column(sheet, "No Indikator").index(int(no)) + 2
        sheet[f"E{row_no}"], sheet[f"F{row_no}"], sheet[f"G{row_no}"] = score or None, "sudah berjalan", link or None
        expected[no] = status
    folder = District(carriers=[("spbe-2020", int(no), "A", None) for no in expected]).write_xlsx(tmp_path / "source")
    for name in ("a", "b", "c", "x"):
        book.save(folder / f"{name}.xlsx")
    ran = run(folder)
    told = {
        row["indicator_no"]: marks["rejected" if row["severity"] == "critical" else "noted"].format(
            messages=row["message"]
        )
        for row in ran.mart.rows("FROM mart.rejected_row WHERE opd_code = 'A'")
    }
    answered = set(ran.mart.values("SELECT indicator_no FROM mart.indicator_snapshot WHERE is_answered"))
    plain = {no: marks["accepted" if no in answered else "missing"] for no in expected}
    assert expected == plain | told
