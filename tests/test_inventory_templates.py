"""Templates of the inventories: every field has its column and says what it asks, every word on offer is read."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from spbe_etl.cells import READERS, Cell, Reading, loosen
from spbe_etl.extraction import check, drift
from spbe_etl.instruments import load_instruments
from spbe_etl.inventory.cells import INVENTORY_READERS
from spbe_etl.inventory.definitions import InventoryField, inventory_fields, inventory_worksheets
from spbe_etl.resources import seed
from spbe_etl.sources import Fetched
from spbe_etl.sources.xlsx import read_xlsx
from spbe_etl.templates import opd_workbook
from spbe_etl.workbooks import Workbook, contract_worksheets, fields, find_header

ALL_READERS = {**READERS, **INVENTORY_READERS}
CLOSED = {"infrastructure_kind", "initiative_status", "instrument", "roadmap_content", "security_kind", "yes_no"}
GUIDE = (Path(__file__).parents[1] / "docs" / "panduan-opd.md").read_text(encoding="utf-8")
INVENTORIES = list(inventory_worksheets())
LISTS = "Daftar Pilihan"
YEARS = {"spbe-2018": 2019, "spbe-2020": 2025, "pemdi-2026": 2026}
EXAMPLES = {
    "code": "APL-01",
    "date": date(2026, 12, 31),
    "figure": 2.5,
    "indicator_list": "16; 17",
    "links": "https://contoh.id/a",
    "money": 150_000_000,
    "reference_code": "RAB.01.02",
    "references": "LYN-01; DISKOMINFO/INF-01",
    "target": 3,
    "text": "Isi",
    "year": 2021,
    "year_targets": "2026: 3; 2027: 4",
}


@cache
def template(code: str) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(opd_workbook(load_instruments()[code], YEARS[code], "Dinas Contoh")))


@cache
def rules(sheet: Worksheet) -> dict[str, DataValidation]:
    """Header -> the rule of its column, which starts below the header and is its only one."""
    found: dict[str, DataValidation] = {}
    for rule in sheet.data_validations.dataValidation:
        column_no, first, last_column_no, last = range_boundaries(str(rule.sqref))
        assert (first, last, last_column_no) == (2, 1001, column_no)
        assert found.setdefault(str(sheet.cell(1, column_no).value), rule) is rule
    return found


def offered(book: openpyxl.Workbook, rule: DataValidation | None) -> list[str]:
    """The words of a drop-down list, as a spreadsheet finds them."""
    if rule is None or rule.type != "list":
        return []
    if inline := re.fullmatch(r'"(.*)"', rule.formula1):
        return inline[1].split(",")
    match = re.fullmatch(r"'([^']+)'!(\$[A-Z]+\$\d+:\$[A-Z]+\$\d+)", rule.formula1)
    return [str(cell.value) for (cell,) in book[match[1]][match[2].replace("$", "")]]


def read(reader: str, value: object) -> Reading:
    kind = "date" if isinstance(value, date) else "number" if isinstance(value, int | float) else "text"
    return ALL_READERS[reader](Cell(kind, str(value)))


def columns(worksheet: str) -> list[InventoryField]:
    return list(inventory_worksheets()[worksheet])


EVERY_COLUMN = pytest.mark.parametrize(
    ("code", "worksheet"), [(code, worksheet) for code in YEARS for worksheet in INVENTORIES]
)


@EVERY_COLUMN
def test_every_field_has_one_column_and_what_tells_the_object_stands_first(code: str, worksheet: str) -> None:
    headers = [cell.value for cell in template(code)[worksheet][1]]
    assert Counter(headers) == Counter(one.header for one in columns(worksheet))
    fields_in_order = [next(one.field for one in columns(worksheet) if one.header == header) for header in headers]
    first = [one for one in ("object_kind", "object_id", "object_name", "description") if one in fields_in_order]
    if worksheet == "Peta Rencana":
        first = ["content", "sequence_no", *first]
    assert fields_in_order[: len(first)] == first


@pytest.mark.parametrize("worksheet", ["Infrastruktur", "Keamanan"])
def test_columns_of_one_kind_alone_stand_side_by_side_behind_the_shared_ones(worksheet: str) -> None:
    kinds: dict[str, list[str]] = {}
    for one in inventory_fields():
        if one.worksheet == worksheet:
            kinds.setdefault(one.header, []).append(one.object_kind)
    headers = [str(cell.value) for cell in template("pemdi-2026")[worksheet][1]]
    own = [kinds[header][0] for header in headers if len(kinds[header]) == 1]
    assert all(len(kinds[header]) == 1 for header in headers[-len(own) :])
    assert [kind for no, kind in enumerate(own) if no == 0 or own[no - 1] != kind] == list(dict.fromkeys(own))


@EVERY_COLUMN
def test_a_columns_prompt_is_its_hint(code: str, worksheet: str) -> None:
    found = rules(template(code)[worksheet])
    for one in columns(worksheet):
        rule = found.get(one.header)
        assert (rule.prompt if rule else "").startswith(one.hint)
        assert rule is None or (rule.showInputMessage and rule.prompt)


@pytest.mark.parametrize("worksheet", ["Infrastruktur", "Keamanan"])
def test_a_prompt_says_whose_column_it_is(worksheet: str) -> None:
    names = {row["object_kind"]: row["kind_name"] for row in seed("object_kind") if row["worksheet"] == worksheet}
    for header, rule in rules(template("pemdi-2026")[worksheet]).items():
        kinds = {one.object_kind for one in inventory_fields() if (one.worksheet, one.header) == (worksheet, header)}
        own = [name for kind, name in names.items() if kind in kinds]
        others = [name for kind, name in names.items() if kind not in kinds]
        if others:
            named = (
                f"Tidak diminta untuk {'; '.join(others)}."
                if len(others) < len(own)
                else f"Hanya untuk {'; '.join(own)}."
            )
            short = "Hanya untuk jenis objek tertentu, lihat lembar Petunjuk."
            too_long = rule.prompt.endswith(short) and len(rule.prompt.removesuffix(short)) + len(named) > 255
            assert rule.prompt.endswith(short if too_long else named)
        else:
            assert "untuk" not in rule.prompt.removeprefix(one_hint(worksheet, header))


def one_hint(worksheet: str, header: str) -> str:
    return next(one.hint for one in columns(worksheet) if one.header == header)


@pytest.mark.parametrize("code", YEARS)
def test_needed_and_optional_columns_differ_by_the_colour_of_their_header(code: str) -> None:
    needed = {(one.worksheet, one.header) for one in inventory_fields() if one.need in ("id", "kind", "name", "needed")}
    by_colour: dict[str, set[tuple[str, str]]] = {}
    for worksheet in INVENTORIES:
        for cell in template(code)[worksheet][1]:
            by_colour.setdefault(cell.fill.fgColor.rgb, set()).add((worksheet, cell.value))
    assert by_colour["001F4E78"] == needed
    assert set(by_colour) == {"001F4E78", "00BDD7EE"}


@pytest.mark.parametrize("code", YEARS)
def test_columns_are_wide_enough_for_their_header_and_take_codes_as_text(code: str) -> None:
    formats = {"date": "yyyy-mm-dd", "money": "#,##0"} | dict.fromkeys(
        ("code", "reference_code", "references", "indicator_list", "year_targets"), "@"
    )
    for worksheet in INVENTORIES:
        sheet = template(code)[worksheet]
        for no, cell in enumerate(sheet[1], start=1):
            dimension = sheet.column_dimensions[get_column_letter(no)]
            reader = next(one.reader for one in columns(worksheet) if one.header == cell.value)
            assert max(14, len(cell.value)) <= dimension.width <= 50
            assert dimension.number_format == formats.get(reader, "General")
            assert cell.number_format == "General"


# --- lists and limits ----------------------------------------------------------------------------------------------


def test_every_choice_is_one_of_a_field_and_is_read() -> None:
    readers = {(one.worksheet, one.field): one.reader for one in inventory_fields()}
    for row in seed("inventory_choice"):
        reader = readers[row["worksheet"], row["field"]]
        assert reader not in CLOSED, "its words are the reader's own"
        assert not read(reader, row["choice"]).problem
        assert row["choice"] == " ".join(row["choice"].split())
    known = Counter((row["worksheet"], row["field"], loosen(row["choice"])) for row in seed("inventory_choice"))
    assert [choice for choice, count in known.items() if count > 1] == []


@pytest.mark.parametrize("code", YEARS)
def test_every_choice_is_offered_as_a_suggestion(code: str) -> None:
    shown = []
    for worksheet in INVENTORIES:
        found = rules(template(code)[worksheet])
        for one in columns(worksheet):
            words = [] if one.reader in CLOSED else offered(template(code), found.get(one.header))
            shown += [(worksheet, one.field, word) for word in words]
            if words:
                assert "hanya saran, boleh diisi lain" in found[one.header].prompt
                assert not found[one.header].showErrorMessage
    assert Counter(shown) == Counter(tuple(row.values()) for row in seed("inventory_choice"))


@pytest.mark.parametrize("code", YEARS)
def test_a_fixed_list_holds_every_value_of_its_reader_once(code: str) -> None:
    seen = set()
    for worksheet in INVENTORIES:
        found = rules(template(code)[worksheet])
        for one in (one for one in columns(worksheet) if one.reader in CLOSED):
            words = offered(template(code), found[one.header])
            values = [read(one.reader, word).value for word in words]
            if one.reader == "instrument":
                last_years = {"spbe-2018": ["spbe-2018", "spbe-2020"], "spbe-2020": ["spbe-2020"]}
                assert Counter(values) == Counter([*last_years.get(code, []), "pemdi-2026"])
            else:
                known = [row["value"] for row in seed("spelling") if row["reader"] == one.reader]
                assert values == list(dict.fromkeys(known))
            assert "saran" not in found[one.header].prompt
            seen.add(one.reader)
    assert seen == CLOSED


def test_a_hint_that_names_the_words_of_a_fixed_list_names_them_all() -> None:
    naming = {"initiative_status", "roadmap_content", "yes_no"}
    for worksheet in INVENTORIES:
        for one in (one for one in columns(worksheet) if one.reader in naming):
            words = offered(template("pemdi-2026"), rules(template("pemdi-2026")[worksheet])[one.header])
            assert [word for word in words if word not in one.hint] == []
            naming.discard(one.reader)
    assert naming == set()


def test_only_the_readers_with_a_fixed_list_refuse_any_other_word() -> None:
    spelled = {row["reader"] for row in seed("spelling")} & {one.reader for one in inventory_fields()}
    refusing = {reader for reader in spelled if read(reader, "Sesuatu yang lain").problem}
    assert refusing | {"instrument"} == CLOSED


@pytest.mark.parametrize("code", YEARS)
def test_kinds_on_offer_are_called_as_everywhere_else(code: str) -> None:
    for worksheet in ("Infrastruktur", "Keamanan"):
        named = [row["kind_name"] for row in seed("object_kind") if row["worksheet"] == worksheet]
        assert offered(template(code), rules(template(code)[worksheet])["Jenis Objek"]) == named


@EVERY_COLUMN
def test_every_rule_keeps_to_what_excel_opens_and_forbids_nothing(code: str, worksheet: str) -> None:
    for header, rule in rules(template(code)[worksheet]).items():
        assert len(rule.formula1 or "") <= 255, header
        assert len(rule.prompt or "") <= 255, header
        assert len(rule.error or "") <= 225, header
        assert len(rule.promptTitle or "") <= 32, header
        assert len(rule.errorTitle or "") <= 32, header
        assert rule.errorStyle == "warning" or not rule.showErrorMessage
        assert not rule.showErrorMessage or "boleh dilanjutkan" in rule.error
        assert rule.allow_blank or rule.type is None
        assert all(word.strip() for word in offered(template(code), rule))


def test_days_years_amounts_and_targets_have_limits() -> None:
    expected = {
        "date": ("date", "greaterThanOrEqual", "36526", None),
        "figure": ("decimal", "greaterThanOrEqual", "0", None),
        "money": ("decimal", "greaterThanOrEqual", "0", None),
        "target": ("decimal", None, "1", "5"),
        "year": ("whole", None, "1000", "9999"),
    }
    seen = set()
    for worksheet in INVENTORIES:
        found = rules(template("pemdi-2026")[worksheet])
        for one in columns(worksheet):
            rule = found.get(one.header)
            limit = (rule.type, rule.operator, rule.formula1, rule.formula2) if rule else (None, None, None, None)
            if one.reader in expected:
                assert limit == expected[one.reader]
                assert rule.showErrorMessage
                assert rule.error.startswith(one.hint)
                seen.add(one.reader)
            else:
                assert limit[0] in (None, "list")
    assert seen == set(expected)
    assert (date(1899, 12, 30).toordinal() + 36526) == date(2000, 1, 1).toordinal()
    lowest = rules(template("spbe-2018")["Peta Rencana"])["Target 2026"]
    assert (lowest.formula1, lowest.formula2) == ("0", "5")


@pytest.mark.parametrize("code", YEARS)
def test_lists_with_commas_or_too_long_stand_in_a_hidden_locked_worksheet(code: str) -> None:
    sheet = template(code)[LISTS]
    assert (sheet.sheet_state, sheet.protection.sheet) == ("hidden", True)
    assert all(cell.protection.locked for row in sheet.iter_rows() for cell in row)
    assert [cell.value for cell in sheet[1]] == ["Infrastruktur: Jenis Objek", "Keamanan: Jenis Objek"]
    referring = [
        rule
        for worksheet in INVENTORIES
        for rule in rules(template(code)[worksheet]).values()
        if LISTS in (rule.formula1 or "")
    ]
    assert len(referring) == sheet.max_column
    assert sum(len(offered(template(code), rule)) + 1 for rule in referring) == sum(
        cell.value is not None for row in sheet.iter_rows() for cell in row
    )


@EVERY_COLUMN
def test_headers_are_locked_and_cells_are_free(code: str, worksheet: str) -> None:
    sheet = template(code)[worksheet]
    assert sheet.protection.sheet
    assert not sheet.protection.autoFilter
    assert all(cell.protection.locked for cell in sheet[1])
    assert sheet.max_row == 1
    holders = sorted((one.min, one.max) for one in sheet.column_dimensions.values() if not one.protection.locked)
    assert holders[0][0] == 1
    assert holders[-1][1] == 16_384
    assert all(after[0] == before[1] + 1 for before, after in pairwise(holders))


# --- round trips ---------------------------------------------------------------------------------------------------


def returned(book: openpyxl.Workbook, path: Path) -> Workbook:
    book.save(path)
    return read_xlsx(path)


@pytest.mark.parametrize("code", YEARS)
def test_an_empty_template_comes_back_with_headers_and_nothing_else(tmp_path: Path, code: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(opd_workbook(load_instruments()[code], YEARS[code], ""))
    book = read_xlsx(path)
    now = datetime(2026, 7, 1, tzinfo=UTC)
    landed = check("opd", "folder", "73.01", "A", Fetched("a", "a.xlsx", book), now)
    assert landed.reason == ""
    assert list(drift(landed)) == []
    assert all(name for name, _ in landed.worksheets)
    for worksheet in INVENTORIES:
        header = landed.headers[worksheet]
        assert set(header.columns) == {one.field for one in fields(worksheet)}
        sheet = next(sheet for name, sheet in landed.worksheets if name == worksheet)
        assert {cell.row_no for cell in sheet.cells} == {1} == {header.row_no}


@pytest.mark.parametrize("code", YEARS)
def test_a_template_filled_in_with_the_first_choices_is_read_without_a_problem(tmp_path: Path, code: str) -> None:
    book = openpyxl.load_workbook(BytesIO(opd_workbook(load_instruments()[code], YEARS[code], "")))
    filled: dict[tuple[str, str], object] = {}
    for worksheet in INVENTORIES:
        found = rules(book[worksheet])
        headers = [cell.value for cell in book[worksheet][1]]
        for one in columns(worksheet):
            words = offered(book, found.get(one.header))
            value = filled[worksheet, one.field] = words[0] if words else EXAMPLES[one.reader]
            book[worksheet].cell(2, headers.index(one.header) + 1).value = value
    known = contract_worksheets(returned(book, tmp_path / "a.xlsx"), "opd")
    for worksheet in INVENTORIES:
        header = find_header("a.xlsx", worksheet, known[worksheet])
        cells = {cell.col_no: cell for cell in known[worksheet].cells if cell.row_no > header.last_row_no}
        assert len(cells) == len(fields(worksheet))
        for one in fields(worksheet):
            cell = cells[header.columns[one.field]]
            reading = ALL_READERS[one.reader](Cell(cell.kind, cell.text))
            assert reading.value, (worksheet, one.field, cell.text)
            assert not reading.problem
            assert reading == read(one.reader, filled[worksheet, one.field])


def test_a_template_stays_small() -> None:
    assert all(len(opd_workbook(load_instruments()[code], year, "")) < 60_000 for code, year in YEARS.items())


# --- guides --------------------------------------------------------------------------------------------------------


def guide_lines(code: str) -> list[tuple[str, str]]:
    rows = template(code)["Petunjuk"].iter_rows(max_col=2, values_only=True)
    return [(str(heading or ""), str(text or "")) for heading, text in rows]


@pytest.mark.parametrize("code", YEARS)
def test_the_guide_says_which_columns_each_kind_has(code: str) -> None:
    lines = guide_lines(code)
    told: list[tuple[str, str, str, bool]] = []
    for worksheet in ("Infrastruktur", "Keamanan"):
        names = {row["kind_name"]: row["object_kind"] for row in seed("object_kind") if row["worksheet"] == worksheet}
        start = next(no for no, (heading, _) in enumerate(lines) if heading == f"Kolom lembar {worksheet}")
        common = re.fullmatch(r"Untuk setiap jenis objek: (.*)\. Selain itu:", lines[start][1])[1].split(", ")
        needs = {(one.header, one.object_kind): one.need for one in inventory_fields() if one.worksheet == worksheet}
        for name, text in lines[start + 1 : start + 1 + len(names)]:
            told += [(worksheet, names[name], header, needs[header, names[name]] != "optional") for header in common]
            for word, is_needed in (("Perlu diisi", True), ("Boleh diisi", False)):
                if part := re.search(rf"{word}: (.*?)\.(?: |$)", text):
                    told += [(worksheet, names[name], header, is_needed) for header in part[1].split(", ")]
    expected = [
        (one.worksheet, one.object_kind, one.header, one.need != "optional")
        for one in inventory_fields()
        if one.worksheet in ("Infrastruktur", "Keamanan")
    ]
    assert Counter(told) == Counter(expected)


@pytest.mark.parametrize("code", YEARS)
def test_the_guide_names_the_columns_with_a_fixed_list(code: str) -> None:
    (text,) = (text for _, text in guide_lines(code) if text.startswith("Hanya kolom berikut"))
    assert re.fullmatch(r".*dari daftarnya: (.*)\.", text)[1].split("; ") == [
        f"{one.header} ({worksheet})"
        for worksheet in INVENTORIES
        for one in sorted(columns(worksheet), key=lambda one: one.field != "object_kind")
        if one.reader in CLOSED
    ]
    assert any("tidak mengubah nilai maupun indeks secara otomatis" in text for _, text in guide_lines(code))


@pytest.mark.parametrize("code", YEARS)
def test_rows_of_the_guide_are_as_high_as_their_text(code: str) -> None:
    sheet = template(code)["Petunjuk"]
    heights = {row_no: sheet.row_dimensions[row_no].height or 15 for row_no in range(2, sheet.max_row + 1)}
    for row_no, (heading, text) in enumerate(guide_lines(code)[1:], start=2):
        assert heights[row_no] >= 15 * max(len(heading) / 26, len(text) / 110)
    assert max(heights.values()) > 15
    assert sheet.sheet_properties.pageSetUpPr.fitToPage


def examples(start: str) -> list[str]:
    """What's quoted in the paragraph of the guide for OPD that begins so."""
    (paragraph,) = re.findall(rf"\*\*{re.escape(start)}\*\*(.*?)\n\n", GUIDE, re.DOTALL)
    return [" ".join(example.split()) for example in re.findall(r"`([^`]+)`", paragraph)]


def test_the_guide_for_opd_gives_examples_that_are_read() -> None:
    prefixes = dict.fromkeys(row["id_prefix"] for row in seed("object_kind"))
    assert examples("ID.") == [f"{prefix}-01" for prefix in prefixes]
    assert [read("references", text).value for text in examples("Merujuk objek lain.")] == [
        '["LYN-01"]',
        '["LYN-01", "LYN-02"]',
        '["DISKOMINFO/INF-01"]',
    ]
    assert [read("reference_code", text).value for text in examples("Kode referensi.")] == examples("Kode referensi.")
    day, year, *amounts = examples("Tanggal, tahun, dan rupiah.")
    assert (read("date", day).value, read("year", year).value) == ("2025-12-31", "2021")
    assert [read("money", text).value for text in amounts] == ["150000000"] * 2
    indicators, first, last, target, together, targets = examples("Peta rencana.")
    headers = [one.header for one in columns("Peta Rencana")]
    assert {first, last, together} <= set(headers)
    assert (read("indicator_list", indicators).value, read("target", target).value) == ('["16", "17"]', "3")
    assert read("year_targets", targets).value == '[["2026", "3"], ["2027", "4"]]'


def test_the_guide_for_opd_names_worksheets_and_columns_as_they_are() -> None:
    section = GUIDE.split("## Mengisi data ekosistem dan peta rencana\n")[1].split("\n## ")[0]
    assert re.findall(r"`([^`]+)`", section)[: len(INVENTORIES)] == INVENTORIES
    assert "tidak mengubah nilai maupun indeks secara otomatis" in section
    closed = [one.header for worksheet in INVENTORIES for one in columns(worksheet) if one.reader in CLOSED]
    assert Counter(examples("Daftar pilihan.")) == Counter(set(closed))
    assert examples("Data pribadi.") == ["Klasifikasi keamanan data"]
    assert "Klasifikasi keamanan data" in {one.header for one in columns("Data")}
