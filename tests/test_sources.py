"""Folders of workbooks: what a real .xlsx or .csv holds, and how a bad one fails alone and by name."""

from __future__ import annotations

import os
import re
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from conftest import FOUR_OPD, District, FakeRegisterSource, penilaian, workbook_of, write_xlsx
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet as Sheet

from spbe_etl.errors import ConfigurationError, SourceError
from spbe_etl.extraction import extract_batch, extract_register
from spbe_etl.sources import Fetched, folder, xlsx
from spbe_etl.sources.folder import FolderSource, InstitutionFolder, read_workbook
from spbe_etl.sources.xlsx import number_text, read_xlsx
from spbe_etl.workbooks import RawCell, Workbook

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
PLAIN = {"Penilaian": [("Tahun", "No Indikator", "Tingkat Kematangan"), (2025, 1, 3)]}
Found = tuple[str, str]


def save(path: Path, fill: Callable[[Sheet], object], title: str = "Penilaian") -> Path:
    """A workbook of one worksheet, filled by a function."""
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = title
    fill(sheet)
    workbook.save(path)
    return path


def edit_part(path: Path, name: str, edit: Callable[[str], str]) -> Path:
    """Rewrite one XML part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {entry: archive.read(entry) for entry in archive.namelist()}
    before = parts[name].decode()
    assert edit(before) != before, "the edit changes nothing"
    parts[name] = edit(before).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in parts.items():
            archive.writestr(entry, content)
    return path


def with_xml(path: Path, rows: str) -> Path:
    """A workbook whose first worksheet holds exactly these row elements."""
    write_xlsx(path, PLAIN)
    data = f"<sheetData>{rows}</sheetData>"
    return edit_part(path, "xl/worksheets/sheet1.xml", lambda xml: re.sub("<sheetData>.*</sheetData>", data, xml))


def cells(path: Path) -> dict[str, Found]:
    """Kind and text by place, of the first worksheet."""
    return {
        f"{chr(64 + cell.col_no)}{cell.row_no}": (cell.kind, cell.text) for cell in read_xlsx(path).worksheets[0].cells
    }


def one_cell(path: Path, xml: str) -> Found | None:
    return cells(with_xml(path, f'<row r="1">{xml}</row>')).get("A1")


def failure(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        read_workbook(path)
    assert path.name in str(caught.value)
    return str(caught.value)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return tmp_path / "dlh.xlsx"


# What a cell holds


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (3, ("number", "3")),
        (3.0, ("number", "3")),
        (2.5, ("number", "2.5")),
        (1.1 * 3, ("number", "3.3")),
        (0.1 + 0.2, ("number", "0.3")),
        (2.9999999999999996, ("number", "3")),
        (-1, ("number", "-1")),
        (0, ("number", "0")),
        (1e-7, ("number", "0.0000001")),
        (123456789012345, ("number", "123456789012345")),
        (1e20, ("number", "100000000000000000000")),
        ("3", ("text", "3")),
        ("03", ("text", "03")),
        ("2,50", ("text", "2,50")),
        (" 3 ", ("text", " 3 ")),
        ("a\nb", ("text", "a\nb")),
        ("\u00a0", ("text", "\u00a0")),
        ("Terstandardisasi", ("text", "Terstandardisasi")),
        ("'=1+1", ("text", "'=1+1")),
        (True, ("boolean", "TRUE")),
        (False, ("boolean", "FALSE")),
        (date(2025, 4, 3), ("date", "2025-04-03")),
        (datetime.fromisoformat("2025-04-03"), ("date", "2025-04-03")),
        (datetime.fromisoformat("2025-04-03 10:30"), ("date", "2025-04-03 10:30:00")),
        (time_of_day(10, 30), ("date", "10:30:00")),
        ("#REF!", ("error", "#REF!")),
        ("#N/A", ("error", "#N/A")),
        ("#DIV/0!", ("error", "#DIV/0!")),
        ("=1+1", ("formula", "")),
    ],
    ids=repr,
)
def test_kinds_are_told_apart(book: Path, value: object, found: Found) -> None:
    def fill(sheet: Sheet) -> None:
        sheet["A1"] = value  # type: ignore[assignment]

    assert cells(save(book, fill)) == {"A1": found}


@pytest.mark.parametrize(
    ("value", "number_format", "found"),
    [
        (73.1, "00.00", ("number", "73.10")),
        (1, "00", ("number", "01")),
        (7.01, "00.00", ("number", "07.01")),
        (73.123, "00.00", ("number", "73.123")),
        (2.6, "0.00", ("number", "2.60")),
        (3, "0", ("number", "3")),
        (3.3, "0", ("number", "3.3")),
        (-1, "00", ("number", "-1")),
        (2.6, "#,##0.00", ("number", "2.6")),
        (0.5, "0%", ("number", "0.5")),
        (2025, "@", ("number", "2025")),
        (45750, "dd/mm/yyyy", ("date", "2025-04-03")),
        (3, "d-mmm-yy", ("date", "1900-01-03")),
        (45750.4375, "yyyy-mm-dd hh:mm", ("date", "2025-04-03 10:30:00")),
    ],
)
def test_a_number_format_is_followed_where_nothing_is_lost(
    book: Path, value: float, number_format: str, found: Found
) -> None:
    def fill(sheet: Sheet) -> None:
        sheet["A1"] = value
        sheet["A1"].number_format = number_format

    assert cells(save(book, fill)) == {"A1": found}


def test_a_day_that_no_calendar_has_is_an_error(book: Path) -> None:
    def fill(sheet: Sheet) -> None:
        sheet["A1"] = 99_999_999
        sheet["A1"].number_format = "dd/mm/yyyy"

    with pytest.warns(UserWarning, match="outside the limits"):
        assert cells(save(book, fill)) == {"A1": ("error", "#VALUE!")}


@pytest.mark.parametrize(
    ("xml", "found"),
    [
        ('<c r="A1"><f>1+1</f></c>', ("formula", "")),
        ('<c r="A1"><f>1+1</f><v></v></c>', ("formula", "")),
        ('<c r="A1"><f t="array" ref="A1">1+1</f></c>', ("formula", "")),
        ('<c r="A1"><f>1.1*3</f><v>3.3000000000000003</v></c>', ("number", "3.3")),
        ('<c r="A1"><f>1+2</f><v>3</v></c>', ("number", "3")),
        ('<c r="A1" t="str"><f>"Level "&amp;3</f><v>Level 3</v></c>', ("text", "Level 3")),
        ('<c r="A1" t="b"><f>TRUE()</f><v>1</v></c>', ("boolean", "TRUE")),
        ('<c r="A1" t="e"><f>Z99</f><v>#REF!</v></c>', ("error", "#REF!")),
        ('<c r="A1" t="e"><v>#N/A</v></c>', ("error", "#N/A")),
        ('<c r="A1" t="inlineStr"><is><t>=1+1</t></is></c>', ("text", "=1+1")),
        ('<c r="A1" t="inlineStr"><is><r><t>Lev</t></r><r><t>el 3</t></r></is></c>', ("text", "Level 3")),
        ('<c r="A1" t="d"><v>2025-04-03</v></c>', ("date", "2025-04-03")),
        ('<c r="A1" s="0"/>', None),
        ("<c><v>3</v></c>", ("number", "3")),
    ],
)
def test_cells_that_other_programs_write(book: Path, xml: str, found: Found | None) -> None:
    assert one_cell(book, xml) == found


def test_a_formula_that_shows_nothing_is_blank(book: Path) -> None:
    assert one_cell(book, '<c r="A1" t="str"><f>IF(B1="","",B1)</f><v></v></c>') is None


def test_an_escaped_carriage_return_is_a_line_break(book: Path) -> None:
    kind, text = one_cell(book, '<c r="A1" t="inlineStr"><is><t>Tingkat_x000D_\nKematangan</t></is></c>') or ("", "")
    assert (kind, text.split()) == ("text", ["Tingkat", "Kematangan"])


def test_only_the_formula_without_a_value_is_uncached(book: Path) -> None:
    rows = '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><f>1+1</f></c><c r="C1"><v>2</v></c></row>'
    assert cells(with_xml(book, rows)) == {"A1": ("number", "2"), "B1": ("formula", ""), "C1": ("number", "2")}


@given(
    digits=st.integers(1, 10**15 - 1),
    places=st.integers(0, 8),
    number_format=st.sampled_from(["General", "0", "0.00", "00.00", "0000"]),
)
def test_a_number_of_fifteen_digits_keeps_its_value(digits: int, places: int, number_format: str) -> None:
    exact = Decimal(digits).scaleb(-places)
    text = number_text(float(exact), number_format)
    assert Decimal(text) == exact
    assert re.fullmatch(r"[0-9]+(\.[0-9]+)?", text)


# What a worksheet holds


def test_hidden_rows_columns_and_worksheets_are_read(book: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for row in ((1, 2), (3, 4)):
        sheet.append(row)
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["B"].hidden = True
    sheet.auto_filter.ref = "A1:B2"
    for title, state in (("Rahasia", "hidden"), ("Sangat Rahasia", "veryHidden")):
        hidden = workbook.create_sheet(title)
        hidden["A1"], hidden.sheet_state = title, state
    workbook.save(book)
    found = read_xlsx(book)
    assert [one.title for one in found.worksheets] == ["Sheet", "Rahasia", "Sangat Rahasia"]
    assert [len(one.cells) for one in found.worksheets] == [4, 1, 1]


def test_a_merged_cell_gives_its_value_to_each_cell_it_covers(book: Path) -> None:
    def fill(sheet: Sheet) -> None:
        sheet["A1"], sheet["D2"] = 3, "akhir"
        sheet.merge_cells("A1:B2")

    assert read_xlsx(save(book, fill)).worksheets[0].cells == (
        RawCell(1, 1, "number", "3", "", "A1"),
        RawCell(1, 2, "number", "3", "", "A1"),
        RawCell(2, 1, "number", "3", "", "A1"),
        RawCell(2, 2, "number", "3", "", "A1"),
        RawCell(2, 4, "text", "akhir", "", "D2"),
    )


def test_a_merged_formula_and_a_merged_blank(book: Path) -> None:
    def fill(sheet: Sheet) -> None:
        sheet["A1"] = "=1+1"
        sheet.merge_cells("A1:A2")
        sheet.merge_cells("C1:C2")

    assert cells(save(book, fill)) == {"A1": ("formula", ""), "A2": ("formula", "")}


def test_links_behind_words(book: Path) -> None:
    def fill(sheet: Sheet) -> None:
        sheet["A1"], sheet["A1"].hyperlink = "SK Bupati", "https://a.id/sk"
        sheet["A3"], sheet["A3"].hyperlink = "gabung", "https://a.id/gabung"
        sheet.merge_cells("A3:A4")
        sheet["A5"] = "https://a.id/teks"

    assert read_xlsx(save(book, fill)).worksheets[0].cells == (
        RawCell(1, 1, "text", "SK Bupati", "https://a.id/sk", "A1"),
        RawCell(3, 1, "text", "gabung", "https://a.id/gabung", "A3"),
        RawCell(4, 1, "text", "gabung", "https://a.id/gabung", "A3"),
        RawCell(5, 1, "text", "https://a.id/teks", "", "A5"),
    )


def test_a_link_on_a_cell_without_text_is_kept(book: Path) -> None:
    def fill(sheet: Sheet) -> None:
        sheet["A1"], sheet["A1"].hyperlink = "SK Bupati", "https://a.id/sk"

    save(book, fill)
    edit_part(book, "xl/worksheets/sheet1.xml", lambda xml: re.sub('(<hyperlink [^>]*ref=")A1', r"\1B9", xml))
    found = read_xlsx(book).worksheets[0].cells
    assert [(cell.place, cell.text) for cell in found] == [("A1", "SK Bupati"), ("B9", "https://a.id/sk")]


def test_places_beyond_column_z(book: Path) -> None:
    def fill(sheet: Sheet) -> None:
        sheet["AB12"] = "jauh"

    assert read_xlsx(save(book, fill)).worksheets[0].cells == (RawCell(12, 28, "text", "jauh", "", "AB12"),)


def test_the_same_worksheet_saved_twice_has_the_same_hash(tmp_path: Path) -> None:
    found = []
    for name in ("a.xlsx", "b.xlsx"):
        write_xlsx(tmp_path / name, PLAIN)
        found.append(read_xlsx(tmp_path / name).worksheets[0].content_hash)
    assert found[0] == found[1]


# Files that can't be read fail by name


def write_zip(path: Path, **parts: bytes) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def truncate(path: Path) -> None:
    write_xlsx(path, PLAIN)
    path.write_bytes(path.read_bytes()[:-200])


def damage(path: Path) -> None:
    write_xlsx(path, PLAIN)
    content = bytearray(path.read_bytes())
    content[60:400] = bytes(340)
    path.write_bytes(content)


def break_xml(path: Path) -> None:
    write_xlsx(path, PLAIN)
    edit_part(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace("</sheetData>", ""))


def write_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/bom.xml", "w") as part:
        for _ in range(301):
            part.write(bytes(1024**2))


UNREADABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (lambda path: path.write_bytes(b""), "bukan berkas .xlsx yang utuh"),
    "text": (lambda path: path.write_text("Tahun,No Indikator\n2025,1\n"), "bukan berkas .xlsx yang utuh"),
    "password": (lambda path: path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4096)), "tanpa kata sandi"),
    "truncated": (truncate, "bukan berkas .xlsx yang utuh"),
    "damaged": (damage, "tidak dapat dibaca sebagai .xlsx"),
    "another zip": (lambda path: write_zip(path, isi=b"x"), "tidak dapat dibaca sebagai .xlsx"),
    "broken xml": (break_xml, "tidak dapat dibaca sebagai .xlsx"),
    "number": (lambda path: with_xml(path, '<row r="1"><c r="A1"><v>tiga</v></c></row>'), "tidak dapat dibaca"),
    "bomb": (write_bomb, "melebihi batas 300 MB"),
}


@pytest.mark.parametrize(("make", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_is_no_workbook_fails_by_name(book: Path, make: Callable[[Path], object], reason: str) -> None:
    make(book)
    assert reason in failure(book)


def test_a_part_larger_than_it_says_is_not_unpacked(book: Path) -> None:
    write_xlsx(book, PLAIN)
    size = 40 * 1024**2 + 4321
    edit_part(book, "xl/worksheets/sheet1.xml", lambda xml: xml + " " * (size - len(xml.encode())))
    content = book.read_bytes()
    assert content.count(size.to_bytes(4, "little")) == 2  # beside the part, and in the list of parts
    assert len(read_xlsx(book).worksheets[0].cells) == 6
    book.write_bytes(content.replace(size.to_bytes(4, "little"), (1024).to_bytes(4, "little")))
    assert "bukan berkas .xlsx yang utuh" in failure(book)


def test_a_workbook_with_too_many_cells_fails_by_name(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MOST_CELLS", 5)
    write_xlsx(book, PLAIN)
    assert "lebih dari 5 sel terisi" in failure(book)


def test_as_many_cells_as_allowed_are_read(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MOST_CELLS", 6)
    write_xlsx(book, PLAIN)
    assert len(read_xlsx(book).worksheets[0].cells) == 6


# Folders of .csv files


def write_csv(folder: Path, content: str | bytes, title: str = "Penilaian") -> Path:
    folder.mkdir(exist_ok=True)
    content = content.encode() if isinstance(content, str) else content
    (folder / f"{title}.csv").write_bytes(content)
    return folder


def grid(workbook: Workbook) -> list[list[str]]:
    """Texts of the first worksheet by row, blanks as empty texts."""
    raw = workbook.worksheets[0].cells
    assert all((cell.kind, cell.link) == ("text", "") for cell in raw)
    texts = {(cell.row_no, cell.col_no): cell.text for cell in raw}
    width, height = (max(key[no] for key in texts) for no in (1, 0))
    return [[texts.get((row, col), "") for col in range(1, width + 1)] for row in range(1, height + 1)]


ROWS = [["Tahun", "No Indikator", "Nilai"], ["2025", "1", "3"], ["2025", "", "2,5"]]


@pytest.mark.parametrize(
    "content",
    [
        'Tahun,No Indikator,Nilai\n2025,1,3\n2025,,"2,5"\n',
        "Tahun;No Indikator;Nilai\n2025;1;3\n2025;;2,5\n",
        'Tahun;No Indikator;Nilai\r\n2025;1;3\r\n2025;;"2,5"\r\n',
        '\ufeffTahun,No Indikator,Nilai\n2025,1,3\n2025,,"2,5"',
        '"Tahun","No Indikator","Nilai"\n"2025","1","3"\n"2025","","2,5"\n\n',
    ],
    ids=["comma", "semicolon", "windows", "bom", "quoted"],
)
def test_csv_of_either_delimiter(tmp_path: Path, content: str) -> None:
    assert grid(read_workbook(write_csv(tmp_path / "dlh", content))) == ROWS


def test_csv_keeps_every_text_as_it_is(tmp_path: Path) -> None:
    content = 'Kode,Isi\n007," a ""b"" "\n73.10,"baris satu\nbaris dua"\n1e5,#REF!\n'
    assert grid(read_workbook(write_csv(tmp_path / "dlh", content))) == [
        ["Kode", "Isi"],
        ["007", ' a "b" '],
        ["73.10", "baris satu\nbaris dua"],
        ["1e5", "#REF!"],
    ]


def test_codes_separated_by_semicolons_do_not_change_the_delimiter(tmp_path: Path) -> None:
    content = "Instrumen,No Indikator,Pendukung\nspbe-2020,1,A;B\nspbe-2020,2,A;B;C\n"
    assert grid(read_workbook(write_csv(tmp_path / "register", content)))[1] == ["spbe-2020", "1", "A;B"]


def test_each_csv_file_is_a_worksheet_in_order_of_its_name(tmp_path: Path) -> None:
    book = write_csv(tmp_path / "dlh", "a\n", "Penilaian")
    write_csv(book, "", "Layanan")
    write_csv(book, "b\n", "Peta Rencana")
    (book / "catatan.txt").write_text("x")
    found = read_workbook(book)
    assert (found.name, [sheet.title for sheet in found.worksheets]) == (
        "dlh",
        ["Layanan", "Penilaian", "Peta Rencana"],
    )
    assert found.worksheets[0].cells == ()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("Tahun,Kabupatén\n".encode("latin-1"), "bukan teks UTF-8"),
        ("Tahun,Nilai\n".encode("utf-16"), "bukan teks UTF-8"),
        (b'Tahun,"Nilai\n2025,3\n', "tanda kutip atau baris CSV tidak utuh"),
        (b'Tahun,"Nilai"x\n2025,3\n', "tanda kutip atau baris CSV tidak utuh"),
    ],
    ids=["latin-1", "utf-16", "open quote", "text after a quote"],
)
def test_a_broken_csv_file_fails_by_name(tmp_path: Path, content: bytes, reason: str) -> None:
    message = failure(write_csv(tmp_path / "dlh", content))
    assert message.startswith("dlh/Penilaian.csv: ")
    assert reason in message


def test_a_folder_without_csv_files_and_a_large_one_fail_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kosong").mkdir()
    assert "tidak berisi berkas .csv" in failure(tmp_path / "kosong")
    monkeypatch.setattr(folder, "MOST_CSV_BYTES", 10)
    assert "melebihi 0 MB" in failure(write_csv(tmp_path / "besar", "x" * 11))
    assert grid(read_workbook(write_csv(tmp_path / "pas", "x" * 10))) == [["x" * 10]]


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x0b", "\x0c", "\x85"])
def test_only_line_ends_end_a_csv_row(tmp_path: Path, sign: str) -> None:
    found = grid(read_workbook(write_csv(tmp_path / "dlh", f"Tahun,Isi\n2025,satu{sign}dua\n")))
    assert found == [["Tahun", "Isi"], ["2025", f"satu{sign}dua"]]


def test_links_on_lines_of_their_own_do_not_change_the_delimiter(tmp_path: Path) -> None:
    links = ";\n".join(f"https://a.id/{no}" for no in range(1, 6))
    found = grid(read_workbook(write_csv(tmp_path / "dlh", f'Tahun,Bukti Dukung\n2025,"{links}"\n')))
    assert found == [["Tahun", "Bukti Dukung"], ["2025", links]]


# One institution or several


def keys(path: Path) -> list[str]:
    return [register.key for register in FolderSource(path).registers()]


def test_a_folder_with_a_register_is_one_institution(tmp_path: Path) -> None:
    District().write_xlsx(tmp_path / "a")
    District().write_csv(tmp_path / "b")
    assert keys(tmp_path / "a") == keys(tmp_path / "b") == ["."]
    assert FolderSource(tmp_path / "a").api_calls == 0


def test_a_folder_of_such_folders_is_several_in_a_stable_order(tmp_path: Path) -> None:
    District(code="73.02").write_csv(tmp_path / "bulukumba")
    District(code="73.01").write_xlsx(tmp_path / "selayar")
    for name in ("aceh", "kosong"):
        (tmp_path / name).mkdir()
    write_xlsx(tmp_path / "aceh" / "dlh.xlsx", PLAIN)
    District().write_xlsx(tmp_path / ".sampah")
    (tmp_path / "catatan.txt").write_text("x")
    assert keys(tmp_path) == ["aceh", "bulukumba", "selayar"]
    found = [register.fetch_register() for register in FolderSource(tmp_path).registers()]
    assert [one.workbook is not None for one in found] == [False, True, True]
    assert found[0].reason.startswith("register: berkas tidak ditemukan")
    assert [one.workbook_name for one in found[1:]] == ["register", "register.xlsx"]


def test_a_folder_whose_register_is_missing_is_still_an_institution(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "dlh.xlsx", PLAIN)
    (register,) = FolderSource(tmp_path).registers()
    assert register.fetch_register().reason.startswith("register: berkas tidak ditemukan")


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir(), lambda path: path.write_text("x")])
def test_a_source_without_workbooks_is_a_wrong_call(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "sumber")
    with pytest.raises(ConfigurationError, match=r"sumber.*register\.xlsx"):
        FolderSource(tmp_path / "sumber").registers()


# What a register may name


@pytest.fixture
def institution(tmp_path: Path) -> InstitutionFolder:
    """A folder with good workbooks `dlh.xlsx` and `bpkad/`, and a secret beside the folder."""
    write_xlsx(tmp_path / "rahasia.xlsx", PLAIN)
    write_csv(tmp_path / "rahasia", "rahasia\n")
    path = tmp_path / "selayar"
    path.mkdir()
    write_xlsx(path / "dlh.xlsx", PLAIN)
    write_csv(path / "bpkad", "Tahun\n")
    (path / "dalam").mkdir()
    write_xlsx(path / "dalam" / "dlh.xlsx", PLAIN)
    return InstitutionFolder(path, "selayar")


def fetch(institution: InstitutionFolder, *references: str) -> list[Fetched]:
    found = list(institution.fetch(references))
    assert [one.reference for one in found] == list(references)
    assert all((one.workbook is None) == bool(one.reason) for one in found)
    return found


def test_workbooks_come_in_the_order_asked_for(institution: InstitutionFolder) -> None:
    found = fetch(institution, "bpkad", "tidak-ada", "dlh", " dlh.xlsx ", "bpkad")
    names = [one.workbook.name if one.workbook else "" for one in found]
    assert names == ["bpkad", "", "dlh.xlsx", "dlh.xlsx", "bpkad"]
    assert found[1].reason.startswith("tidak-ada: berkas tidak ditemukan")
    assert found[0].workbook == found[4].workbook


def test_what_comes_from_a_worker_is_what_is_read_here(institution: InstitutionFolder) -> None:
    (found,) = fetch(institution, "dlh")
    assert found.workbook == read_xlsx(institution.folder / "dlh.xlsx")


@pytest.mark.parametrize(
    "reference",
    [
        *("../rahasia.xlsx", "../rahasia", "..", ".", "", "  ", "dalam/dlh.xlsx", "./dlh.xlsx", "dalam\\dlh.xlsx"),
        *("..\\rahasia.xlsx", "/etc/passwd", "dlh\0.xlsx", "x" * 5000, "~", "*", "dlh.xls"),
    ],
    ids=lambda reference: repr(reference[:20]),
)
def test_a_reference_never_leaves_the_folder(institution: InstitutionFolder, reference: str) -> None:
    (found,) = fetch(institution, reference)
    assert found.workbook is None
    assert "berkas tidak ditemukan" in found.reason


def test_an_absolute_path_is_not_followed(institution: InstitutionFolder) -> None:
    (found,) = fetch(institution, str(institution.folder / "dlh.xlsx"))
    assert found.workbook is None


@pytest.mark.parametrize("name", ["rahasia.xlsx", "rahasia"])
def test_a_symlink_out_of_the_folder_is_not_followed(institution: InstitutionFolder, name: str) -> None:
    (institution.folder / f"tautan{Path(name).suffix}").symlink_to(institution.folder.parent / name)
    found = fetch(institution, "tautan", "tautan.xlsx")
    assert [one.workbook for one in found] == [None, None]


def test_a_register_that_is_a_symlink_out_of_the_folder_is_not_followed(institution: InstitutionFolder) -> None:
    (institution.folder / "register.xlsx").symlink_to(institution.folder.parent / "rahasia.xlsx")
    assert institution.fetch_register().workbook is None


def test_a_symlink_among_csv_files_is_not_followed(institution: InstitutionFolder) -> None:
    book = write_csv(institution.folder / "setwan", "Tahun\n")
    (book / "Layanan.csv").symlink_to(institution.folder.parent / "rahasia" / "Penilaian.csv")
    (found,) = fetch(institution, "setwan")
    texts = [cell.text for sheet in found.workbook.worksheets for cell in sheet.cells] if found.workbook else []
    assert "rahasia" not in texts


# A workbook that takes its worker with it


def read_or_misbehave(path: Path) -> Workbook:
    """Stands in for read_workbook in the workers: some names end the process or the patience."""
    if path.stem == "mati":
        os._exit(3)
    if path.stem == "lama":
        time.sleep(60)
    return read_workbook(path)


def test_a_worker_that_dies_or_takes_too_long_fails_its_file_alone(
    institution: InstitutionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("mati", "lama"):
        write_xlsx(institution.folder / f"{name}.xlsx", PLAIN)
    fetch(institution, "dlh")  # workers are up before time is short
    monkeypatch.setattr(folder, "_read_in_worker", read_or_misbehave)
    monkeypatch.setattr(folder, "SECONDS_A_WORKBOOK", 3)
    dead, good, slow, other, missing = fetch(institution, "mati", "dlh", "lama", "bpkad", "tidak-ada")
    assert dead.reason.startswith("mati.xlsx: pembacaan terhenti")
    assert slow.reason.startswith("lama.xlsx: belum selesai dibaca setelah 3 detik")
    assert (good.reason, other.reason) == ("", "")
    assert "tidak ditemukan" in missing.reason
    monkeypatch.undo()
    assert [one.reason for one in fetch(institution, "dlh", "mati", "lama")] == ["", "", ""]


def test_a_bad_file_fails_alone(institution: InstitutionFolder) -> None:
    (institution.folder / "rusak.xlsx").write_bytes(b"x")
    bad, good = fetch(institution, "rusak", "dlh")
    assert bad.reason.startswith("rusak.xlsx: bukan berkas .xlsx yang utuh")
    assert (bad.workbook_name, good.reason) == ("rusak.xlsx", "")


def test_a_number_too_large_for_a_float_fails_its_file_alone(institution: InstitutionFolder) -> None:
    with_xml(institution.folder / "besar.xlsx", f'<row r="1"><c r="A1"><v>{"9" * 400}</v></c></row>')
    _, good = fetch(institution, "besar", "dlh")
    assert good.reason == ""


def test_one_stray_cell_at_the_far_corner_does_not_cost_the_workbook(
    institution: InstitutionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>3</v></c></row>'
    with_xml(institution.folder / "jauh.xlsx", rows)
    fetch(institution, "dlh")
    monkeypatch.setattr(folder, "SECONDS_A_WORKBOOK", 2)
    (found,) = fetch(institution, "jauh")
    assert found.workbook is not None, found.reason
    assert [cell.place for cell in found.workbook.worksheets[0].cells] == ["A1", "XFD1048576"]


def test_a_merge_down_to_the_last_row_does_not_cost_the_workbook(
    institution: InstitutionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    merges = '</sheetData><mergeCells count="1"><mergeCell ref="A5:G1048576"/></mergeCells>'
    write_xlsx(institution.folder / "gabung.xlsx", PLAIN)
    edit_part(
        institution.folder / "gabung.xlsx",
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace("</sheetData>", merges),
    )
    fetch(institution, "dlh")
    monkeypatch.setattr(folder, "SECONDS_A_WORKBOOK", 2)
    (found,) = fetch(institution, "gabung")
    assert "belum selesai dibaca" not in found.reason


# From a source to what a night works with


@dataclass(frozen=True)
class Memory:
    """Registers of earlier nights, by key."""

    registers: dict[str, Workbook] = field(default_factory=dict)

    def __call__(self, key: str) -> Workbook | None:
        return self.registers.get(key)


def district(opd: Sequence[Sequence[object]] = FOUR_OPD) -> District:
    return District(opd=opd, books={"a": penilaian((2025, 1, None, 3, "x", "https://a.id/x", None)), "b": {"Lain": []}})


def test_a_register_in_force_is_the_one_read_tonight() -> None:
    source = FakeRegisterSource(district(), "selayar")
    institution, landed = extract_register(source, Memory(), NOW)
    assert institution is not None
    assert institution.register.institution_code == "73.01"
    assert (landed.reason, landed.institution_code, landed.opd_code, landed.fetched_at) == ("", "73.01", "", NOW)
    assert {name for name, _ in landed.worksheets} >= {"Instansi", "OPD", "Pengampu"}


@pytest.mark.parametrize("case", ["unreadable", "no institution"])
def test_a_register_that_cannot_be_read_leaves_the_last_good_one_in_force(case: str) -> None:
    last = workbook_of("register", district().register())
    tonight = District(code="") if case == "no institution" else district()
    source = FakeRegisterSource(tonight, "selayar", "register: rusak." if case == "unreadable" else "")
    institution, landed = extract_register(source, Memory({"selayar": last}), NOW)
    assert institution is not None
    assert dict(institution.register.references) == {"A": "a", "B": "b", "C": "c", "X": "x"}
    assert landed.reason
    assert landed.worksheets == ()
    assert landed.institution_code == "73.01"
    never, landed = extract_register(source, Memory(), NOW)
    assert never is None
    assert landed.reason


def test_each_workbook_lands_or_says_why_not() -> None:
    institution, _ = extract_register(FakeRegisterSource(district(), "selayar"), Memory(), NOW)
    assert institution is not None
    good, renamed, missing = extract_batch(institution, ["A", "B", "C"], {}, NOW)
    assert (good.opd_code, good.reason, good.answered_count) == ("A", "", 1)
    assert good.headers["Penilaian"].columns["score"] == 4
    assert "lembar Penilaian tidak ada (lembar yang ditemukan: Lain)" in renamed.reason
    assert missing.reason == "c: berkas tidak ditemukan."
    assert [one.opd_code for one in (renamed, missing)] == ["B", "C"]
