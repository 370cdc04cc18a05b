"""Worksheets as they came: which is which, where the header stands, and what a register must say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

import pytest
from conftest import workbook_of, worksheet_of
from hypothesis import given
from hypothesis import strategies as st

from spbe_etl.cells import Cell
from spbe_etl.errors import SourceError
from spbe_etl.registers import read_register
from spbe_etl.resources import seed
from spbe_etl.workbooks import (
    RawCell,
    Workbook,
    Worksheet,
    contract_worksheets,
    fields,
    find_header,
    header_spellings,
    known_worksheets,
    required_worksheets,
)

HEADER = ("Tahun", "No Indikator", "Tingkat Kematangan")
WHOLE_HEADER = (*HEADER, "Indikator", "Penjelasan", "Bukti Dukung", "Tanggal Bukti")
ANSWER = (2025, 1, 3)
Rows = Sequence[Sequence[object]]
Merge = tuple[str, int, int, int, int]  # text; first and last row; first and last column


def columns(*rows: Sequence[object], name: str = "Penilaian") -> dict[str, int]:
    header = find_header("dlh.xlsx", name, worksheet_of(name, rows))
    assert header is not None
    return dict(header.columns)


def merged(*merges: Merge, rows: Rows = (), below: int = 0) -> Worksheet:
    """A worksheet of merged cells, with plain rows below the row `below`."""
    cells = [
        RawCell(row_no, col_no, "text", text, "", f"{'ABCDEFGH'[first_col - 1]}{first_row}")
        for text, first_row, last_row, first_col, last_col in merges
        for row_no in range(first_row, last_row + 1)
        for col_no in range(first_col, last_col + 1)
    ]
    plain = worksheet_of("Penilaian", [*[()] * below, *rows]).cells
    return Worksheet("Penilaian", tuple(sorted([*cells, *plain])))


def failure(worksheet: Worksheet, name: str = "Penilaian") -> str:
    with pytest.raises(SourceError) as caught:
        find_header("dlh.xlsx", name, worksheet)
    assert f"dlh.xlsx, lembar {name}" in str(caught.value)
    return str(caught.value)


# The header is found, not assumed


@pytest.mark.parametrize("titles", [0, 1, 3, 20])
def test_title_rows_above_the_header_are_passed_over(titles: int) -> None:
    rows = [["Penilaian Mandiri SPBE", None, "Tahun"]] * titles
    header = find_header("dlh.xlsx", "Penilaian", worksheet_of("Penilaian", [*rows, HEADER, ANSWER]))
    assert header is not None
    assert (header.row_no, header.last_row_no) == (titles + 1, titles + 1)
    assert header.columns == {"year": 1, "indicator": 2, "score": 3}


def test_blank_rows_above_the_header_are_not_counted() -> None:
    header = find_header("dlh.xlsx", "Penilaian", worksheet_of("Penilaian", [*[()] * 500, HEADER, ANSWER]))
    assert header is not None
    assert header.row_no == 501


def test_a_header_below_fifty_filled_rows_is_no_header() -> None:
    assert columns(*[["catatan"]] * 49, HEADER)
    assert "Tahun, No Indikator, Tingkat Kematangan" in failure(
        worksheet_of("Penilaian", [*[["catatan"]] * 50, HEADER])
    )


def test_the_order_of_columns_is_free() -> None:
    for order in permutations(HEADER):
        assert columns(["catatan"], [None, *order]) == {
            "year": order.index("Tahun") + 2,
            "indicator": order.index("No Indikator") + 2,
            "score": order.index("Tingkat Kematangan") + 2,
        }


@pytest.mark.parametrize(
    "spelled",
    [
        ("TAHUN", "NO INDIKATOR", "TINGKAT KEMATANGAN"),
        ("tahun", "no. indikator", "tingkat\nkematangan"),
        (" Tahun ", "No  Indikator:", "Tingkat-Kematangan"),
        ("Tahun\u200b", "No\u00a0Indikator", "Tingkat\r\nKematangan *"),
        ("(Tahun)", "No_Indikator", "“Tingkat Kematangan”"),
        ("Ｔａｈｕｎ", "ＮＯ　ＩＮＤＩＫＡＴＯＲ", "Tingkat / Kematangan"),
        ("Thn", "Nomor Indikator", "Level"),
        ("Tahun Penilaian", "Kode Indikator", "Level Kematangan"),
    ],
)
def test_headers_are_matched_loosely(spelled: tuple[str, str, str]) -> None:
    assert columns(spelled, ANSWER) == {"year": 1, "indicator": 2, "score": 3}


@pytest.mark.parametrize("spelled", ["Tahunan", "Tahun 2025", "T a h u n", "Tahun (wajib diisi)"])
def test_another_word_is_no_header(spelled: str) -> None:
    assert "tidak ditemukan: Tahun." in failure(worksheet_of("Penilaian", [[spelled, *HEADER[1:]], ANSWER]))


@pytest.mark.parametrize("worksheet", sorted({row["worksheet"] for row in seed("worksheet_field")}))
def test_every_header_and_synonym_of_a_worksheet_is_found(worksheet: str) -> None:
    plain = {field.field: field.header for field in fields(worksheet)}
    expected = {field: no for no, field in enumerate(plain, start=1)}
    assert columns(list(plain.values()), name=worksheet) == expected
    for spelling, field in header_spellings(worksheet).items():
        assert columns(list((plain | {field: spelling.upper()}).values()), name=worksheet) == expected


def test_optional_columns_may_be_absent_and_extra_ones_are_passed_over() -> None:
    assert columns(["PIC", *HEADER, "Catatan", None, "PIC"], ["x", *ANSWER]) == {"year": 2, "indicator": 3, "score": 4}


@pytest.mark.parametrize("field", [field for field in fields("Penilaian") if field.is_required], ids=lambda f: f.field)
def test_a_missing_required_header_is_named(field: object) -> None:
    missing = getattr(field, "header", "")
    message = failure(worksheet_of("Penilaian", [[one for one in WHOLE_HEADER if one != missing], ANSWER]))
    assert f"tidak ditemukan: {missing}." in message
    assert "templat" in message


def test_answers_without_a_header_fail() -> None:
    assert "Tahun, No Indikator, Tingkat Kematangan" in failure(worksheet_of("Penilaian", [ANSWER, ANSWER]))


@pytest.mark.parametrize("rows", [[], [[" ", "\u200b"]]])
def test_an_empty_worksheet_is_no_failure_unless_it_must_be_there(rows: list[list[str]]) -> None:
    for name in ("Verifikasi", "Target", "Hasil Terbit"):
        assert find_header("register.xlsx", name, worksheet_of(name, rows)) is None
    failure(worksheet_of("Penilaian", rows))


def test_the_first_row_that_holds_the_header_counts() -> None:
    header = find_header("dlh.xlsx", "Penilaian", worksheet_of("Penilaian", [HEADER, ANSWER, HEADER[::-1]]))
    assert header is not None
    assert (header.row_no, header.columns["year"]) == (1, 1)


# Two columns of one meaning


@pytest.mark.parametrize(
    ("header", "one", "other"),
    [
        ([*HEADER, "Tingkat Kematangan"], "'Tingkat Kematangan' di C1", "'Tingkat Kematangan' di D1"),
        ([*HEADER, "LEVEL"], "'Tingkat Kematangan' di C1", "'LEVEL' di D1"),
        (["Thn", *HEADER], "'Thn' di A1", "'Tahun' di B1"),
        ([*HEADER, "Bukti Dukung", "Link\nBukti"], "'Bukti Dukung' di D1", "'Link Bukti' di E1"),
    ],
)
def test_two_columns_of_one_meaning_fail(header: list[str], one: str, other: str) -> None:
    message = failure(worksheet_of("Penilaian", [header, ANSWER]))
    assert "dua kolom berarti sama" in message
    assert one in message
    assert other in message


def test_two_extra_columns_of_one_name_do_not_matter() -> None:
    assert columns([*HEADER, "Catatan", "Catatan"]) == {"year": 1, "indicator": 2, "score": 3}


# Merged headers


def test_a_header_merged_downwards_ends_where_its_cells_end() -> None:
    sheet = merged(*((text, 1, 3, no, no) for no, text in enumerate(HEADER, start=1)), rows=[ANSWER], below=3)
    header = find_header("dlh.xlsx", "Penilaian", sheet)
    assert header is not None
    assert (header.row_no, header.last_row_no) == (1, 3)
    assert header.columns == {"year": 1, "indicator": 2, "score": 3}


def test_one_header_merged_downwards_takes_the_others_with_it() -> None:
    sheet = merged(("Tahun", 1, 2, 1, 1), rows=[], below=2)
    plain = worksheet_of("Penilaian", [(None, *HEADER[1:]), (None, None, "1 sampai 5"), ANSWER])
    header = find_header("dlh.xlsx", "Penilaian", replace(plain, cells=tuple(sorted(sheet.cells + plain.cells))))
    assert header is not None
    assert (header.row_no, header.last_row_no) == (1, 2)


def test_a_header_merged_sideways_over_an_empty_column_is_one_column() -> None:
    wide = (("Tahun", 1, 1, 1, 1), ("No Indikator", 1, 1, 2, 2), ("Tingkat Kematangan", 1, 1, 3, 4))
    header = find_header("dlh.xlsx", "Penilaian", merged(*wide, rows=[ANSWER], below=1))
    assert header is not None
    assert header.columns == {"year": 1, "indicator": 2, "score": 3}


def test_a_header_merged_sideways_over_two_filled_columns_is_two_columns() -> None:
    wide = (("Tahun", 1, 1, 1, 1), ("No Indikator", 1, 1, 2, 2), ("Tingkat Kematangan", 1, 1, 3, 4))
    assert "dua kolom berarti sama" in failure(merged(*wide, rows=[(*ANSWER, 4)], below=1))


def test_scores_merged_sideways_like_their_header_are_one_column() -> None:
    both = (("Tahun", 1, 1, 1, 1), ("No Indikator", 1, 1, 2, 2), ("Tingkat Kematangan", 1, 1, 3, 4), ("3", 2, 2, 3, 4))
    header = find_header("dlh.xlsx", "Penilaian", merged(*both, rows=[(2025, 1)], below=1))
    assert header is not None
    assert header.columns["score"] == 3


def test_columns_named_under_a_merged_group_header_are_found() -> None:
    sheet = merged(
        ("Tahun", 1, 2, 1, 1),
        ("No Indikator", 1, 2, 2, 2),
        ("Tingkat Kematangan", 1, 2, 3, 3),
        ("Bukti", 1, 1, 4, 5),
        ("Bukti Dukung", 2, 2, 4, 4),
        ("Tanggal Bukti", 2, 2, 5, 5),
        rows=[(*ANSWER, "https://a.id/x", "2025-04-03")],
        below=2,
    )
    header = find_header("dlh.xlsx", "Penilaian", sheet)
    assert header is not None
    assert header.columns == {"year": 1, "indicator": 2, "score": 3, "evidence": 4, "evidence_on": 5}
    assert header.last_row_no == 2


# Content hash


def test_the_same_content_has_the_same_hash_wherever_it_was_read() -> None:
    one, again = (worksheet_of("Penilaian", [HEADER, ANSWER]) for _ in range(2))
    assert one.content_hash == again.content_hash
    # what's stored under a hash must be found again by a later version
    stored = "e3cfa48a7f06045975433cd8efbaddf9f1881a609a6286e9851c9782cbe4a976"
    assert Worksheet("Penilaian", (CELL,)).content_hash == stored


CELL = RawCell(2, 3, "text", "3", "", "C2")


@pytest.mark.parametrize(
    "other",
    [
        CELL._replace(row_no=3),
        CELL._replace(col_no=4),
        CELL._replace(kind="number"),
        CELL._replace(text="3 "),
        CELL._replace(link="https://a.id/x"),
        CELL._replace(place="C1"),
    ],
    ids=["row_no", "col_no", "kind", "text", "link", "place"],
)
def test_any_difference_of_a_cell_changes_the_hash(other: RawCell) -> None:
    assert Worksheet("Penilaian", (CELL,)).content_hash != Worksheet("Penilaian", (other,)).content_hash


def test_the_title_and_the_number_of_cells_change_the_hash() -> None:
    sheets = [Worksheet(title, cells) for title in ("Penilaian", "penilaian") for cells in ((), (CELL,), (CELL, CELL))]
    assert len({sheet.content_hash for sheet in sheets}) == 6


texts = st.text(st.characters(exclude_categories=()), max_size=5)


@given(one=st.lists(texts, max_size=3), other=st.lists(texts, max_size=3))
def test_hashes_differ_exactly_when_texts_do(one: list[str], other: list[str]) -> None:
    def content_hash(row: list[str]) -> str:
        return Worksheet("x", tuple(CELL._replace(col_no=no, text=text) for no, text in enumerate(row))).content_hash

    assert (content_hash(one) == content_hash(other)) == (one == other)


# Which worksheet is which


def opd_workbook(*titles: str) -> Workbook:
    return workbook_of("dlh.xlsx", {title: [HEADER, ANSWER] for title in titles})


def test_the_worksheets_of_the_contract() -> None:
    assert required_worksheets("register") == ("Instansi", "OPD", "Pengampu")
    assert required_worksheets("opd") == ("Penilaian",)
    assert set(known_worksheets("register").values()) >= {"Verifikasi", "Target", "Hasil Terbit"}
    ecosystem = {"Proses Bisnis", "Layanan", "Data", "Aplikasi", "Infrastruktur", "Keamanan", "Peta Rencana"}
    assert set(known_worksheets("opd").values()) >= ecosystem


@pytest.mark.parametrize("title", ["Penilaian", "PENILAIAN", " penilaian ", "Penilaian.", "penilaian_"])
def test_a_title_is_matched_loosely(title: str) -> None:
    found = contract_worksheets(opd_workbook("Catatan", title), "opd")
    assert found["Penilaian"].title == title


def test_extra_worksheets_are_passed_over_and_optional_ones_found() -> None:
    found = contract_worksheets(opd_workbook("Penilaian", "Rekap", "peta  rencana", "Sheet1"), "opd")
    assert sorted(found) == ["Penilaian", "Peta Rencana"]


def test_a_renamed_worksheet_is_named_in_the_message() -> None:
    with pytest.raises(SourceError) as caught:
        contract_worksheets(opd_workbook("Penilaian 2025", "Data", "Nama\nyang " + "x" * 60), "opd")
    message = str(caught.value)
    assert message.startswith("dlh.xlsx: lembar Penilaian tidak ada")
    assert "lembar yang ditemukan: Penilaian 2025, Data, Nama yang xxx" in message
    assert "Beri nama Penilaian" in message
    assert "x" * 41 not in message


def test_a_workbook_without_worksheets_says_so() -> None:
    with pytest.raises(SourceError, match="lembar yang ditemukan: tidak ada"):
        contract_worksheets(Workbook("dlh.xlsx", ()), "opd")


@pytest.mark.parametrize("missing", ["Instansi", "OPD", "Pengampu"])
def test_each_required_worksheet_of_a_register(missing: str) -> None:
    titles = [title for title in ("Instansi", "OPD", "Pengampu", "Target") if title != missing]
    with pytest.raises(SourceError, match=f"lembar {missing} tidak ada"):
        contract_worksheets(opd_workbook(*titles), "register")


def test_two_worksheets_of_one_name_fail() -> None:
    with pytest.raises(SourceError, match=r"dlh\.xlsx: ada dua lembar bernama Penilaian"):
        contract_worksheets(opd_workbook("Penilaian", "penilaian "), "opd")


# Registers

INSTITUTION = ("73.01", "Kabupaten Contoh", "Kabupaten", "Asia/Makassar")
OPD_HEADER = ("Kode OPD", "Nama OPD", "Spreadsheet", "Aktif")


def register(institutions: Rows = (INSTITUTION,), opd: Rows = ()) -> Workbook:
    return workbook_of(
        "register.xlsx",
        {
            "Instansi": [["REGISTER"], ("Kode", "Nama", "Jenis", "Zona Waktu"), *institutions],
            "OPD": [OPD_HEADER, *opd],
            "Pengampu": [("Instrumen", "No Indikator", "Pengampu")],
        },
    )


def test_a_register_names_its_institution_zone_and_workbooks() -> None:
    opd = [
        ("DLH", "Dinas LH", " dlh.xlsx ", "Ya"),
        ("BPKAD", "Badan", None, None),
        ("007", "Kecamatan", Cell("number", "2025"), "Tidak"),
        ("dlh", "kedua kali", "lain.xlsx", "Ya"),
        (None, "tanpa kode", "tanpa.xlsx", "Ya"),
    ]
    found = read_register(register(opd=opd))
    assert (found.institution_code, str(found.zone)) == ("73.01", "Asia/Makassar")
    assert dict(found.references) == {"DLH": "dlh.xlsx", "007": "2025"}


def test_a_register_without_a_zone_is_in_jakarta() -> None:
    assert str(read_register(register([INSTITUTION[:3]])).zone) == "Asia/Jakarta"


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("WIB", "Asia/Jakarta"),
        ("wita", "Asia/Makassar"),
        ("WIT", "Asia/Jayapura"),
        (" Asia/Jayapura ", "Asia/Jayapura"),
    ],
)
def test_a_zone_may_have_its_indonesian_name(zone: str, name: str) -> None:
    assert str(read_register(register([(*INSTITUTION[:3], zone)])).zone) == name


@pytest.mark.parametrize("zone", ["WITAS", "Asia", "../../etc/passwd", "/etc/localtime", "Asia/Makasar", "GMT+8"])
def test_an_unknown_zone_is_named(zone: str) -> None:
    with pytest.raises(SourceError, match=r"register\.xlsx, lembar Instansi: zona waktu"):
        read_register(register([(*INSTITUTION[:3], zone)]))


@pytest.mark.parametrize("rows", [[], [INSTITUTION, INSTITUTION], [(None, "tanpa kode")]])
def test_a_register_has_one_institution(rows: list[tuple[object, ...]]) -> None:
    with pytest.raises(SourceError, match=f"ditemukan {sum(row[0] is not None for row in rows)} baris berkode"):
        read_register(register(rows))


@pytest.mark.parametrize(
    ("cell", "reference"), [(Cell("error", "#REF!"), "#REF!"), (Cell("formula", ""), "(rumus belum dihitung)")]
)
def test_an_unreadable_reference_is_asked_for_and_not_taken_for_a_blank_one(cell: Cell, reference: str) -> None:
    references = read_register(register(opd=[("DLH", "Dinas LH", cell, "Ya")])).references
    assert references["DLH"] == reference
