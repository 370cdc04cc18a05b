"""The sample's inventories: what's in them, clean apart from what's planted, which stands where it says."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest
from conftest import Nights
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from spbe_etl.cells import READERS, Cell, Reading, loosen
from spbe_etl.inventory.cells import INVENTORY_READERS
from spbe_etl.inventory.definitions import InventoryField, inventory_fields, inventory_worksheets
from spbe_etl.resources import seed
from spbe_etl.sample import write_sample
from spbe_etl.sample.inventory import EVERY_DISTRICT, inventory_rows, lines_of, tables
from spbe_etl.sample.inventory_sheets import FAULT_KINDS, MESS_KINDS, PlantedFault
from spbe_etl.sample.selayar import planted_faults
from spbe_etl.sources.xlsx import read_xlsx
from spbe_etl.templates.inventories import kind_names
from spbe_etl.workbooks import Workbook, contract_worksheets, find_header

COUNTS = {
    "Proses Bisnis": 58,
    "Layanan": 155,
    "Data": 144,
    "Aplikasi": 304,
    "Infrastruktur": 105,
    "Keamanan": 48,
    "Peta Rencana": 40,
}
DATA_CENTRE, NO_LINK = "DISKOMINFO/INF-01", ("", "no")
OPD = {opd["opd_code"]: opd for opd in seed("sample/opd")}


@dataclass(frozen=True)
class Listed:
    """One row of an inventory as the project's readers see it. `cells`: field -> place and reading."""

    opd_code: str
    worksheet: str
    kind: str
    cells: Mapping[str, tuple[str, Reading]]

    def says(self, field: str) -> str:
        return self.cells[field][1].value if field in self.cells else ""

    def refers(self, field: str) -> list[str]:
        return json.loads(self.says(field) or "[]")  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("contoh")
    write_sample(path)
    return path / "selayar"


@pytest.fixture(scope="module")
def workbooks(folder: Path) -> dict[str, Workbook]:
    return {code: read_xlsx(path) for code in OPD if (path := folder / f"{code.lower()}.xlsx").is_file()}


@pytest.fixture(scope="module")
def listed(workbooks: Mapping[str, Workbook]) -> list[Listed]:
    return [
        one for code, book in workbooks.items() for name in inventory_worksheets() for one in rows_of(code, book, name)
    ]


def rows_of(opd_code: str, book: Workbook, name: str) -> Iterator[Listed]:
    worksheet = contract_worksheets(book, "opd").get(name)
    header = find_header(book.name, name, worksheet) if worksheet else None
    if worksheet is None or header is None:
        return
    found: dict[int, dict[int, Cell]] = defaultdict(dict)
    for cell in worksheet.cells:
        if cell.row_no > header.last_row_no:
            found[cell.row_no][cell.col_no] = Cell(cell.kind, cell.text)
    columns = {one.field: one for one in inventory_worksheets()[name]}
    kinds = {kind_name: kind for kind, kind_name in kind_names(name).items()}
    for row_no, row in found.items():
        cells = {
            field: (
                f"{get_column_letter(col_no)}{row_no}",
                {**READERS, **INVENTORY_READERS}[columns[field].reader](row.get(col_no, Cell("text", ""))),
            )
            for field, col_no in header.columns.items()
        }
        kind_cell = row.get(header.columns.get("object_kind", 0))
        kind = kinds.get(kind_cell.text, "") if kind_cell else "" if len(kinds) > 1 else next(iter(kinds.values()))
        yield Listed(opd_code, name, kind, cells)


@cache
def faults() -> tuple[PlantedFault, ...]:
    return tuple(planted_faults())


def planted(rule_code: str = "") -> set[tuple[str, str, str]]:
    return {(one.opd_code, one.worksheet, one.cell) for one in faults() if not rule_code or one.rule_code == rule_code}


def needed(one: Listed) -> Iterator[InventoryField]:
    wanted = ("id", "kind", "name", "needed")
    if one.kind:
        yield from (field for field in inventory_fields() if field.object_kind == one.kind and field.need in wanted)
    else:
        yield from (field for field in inventory_worksheets()[one.worksheet] if field.need == "kind")


def test_there_are_as_many_objects_as_promised(listed: list[Listed]) -> None:
    assert Counter(one.worksheet for one in listed) == COUNTS
    kinds = {row["object_kind"] for row in seed("object_kind")}
    assert {one.kind for one in listed} - {""} == kinds
    by_opd = Counter(one.opd_code for one in listed if one.worksheet == "Aplikasi")
    assert len(by_opd) == len([1 for opd in OPD.values() if opd["has_joined"] == opd["is_active"] == "yes"]) == 39
    assert all(3 <= by_opd[code] <= 4 for code in by_opd if code.startswith("KEC-"))
    assert all(by_opd[code] >= 10 for code in ("DISKOMINFO", "DINKES", "DISDIKPORA", "BPKAD", "BKPSDM", "RSUD"))


def test_about_seven_in_ten_objects_have_a_code_of_two_levels(listed: list[Listed]) -> None:
    coded = [one for one in listed if one.worksheet != "Peta Rencana"]
    share = sum(one.says("reference_code").count(".") == 2 for one in coded) / len(coded)
    assert 0.65 <= share <= 0.75


def test_no_cell_is_unreadable_or_missing_but_the_planted_ones(listed: list[Listed]) -> None:
    found = set()
    for one in listed:
        for place, reading in one.cells.values():
            if reading.problem not in ("", "blank"):
                found.add((one.opd_code, one.worksheet, place))
        for field in needed(one):
            place, reading = one.cells[field.field]
            if reading.problem == "blank":
                found.add((one.opd_code, one.worksheet, place))
    judged_by_reading = {
        "URL_MALFORMED", "MONEY_UNREADABLE", "DATE_UNREADABLE", "CODE_MALFORMED", "STATUS_UNKNOWN", "CELL_ERROR",
        "FIELD_MISSING", "OBJECT_ID_UNREADABLE", "OBJECT_ID_MISSING", "OBJECT_KIND_UNKNOWN", "OBJECT_UNNAMED",
    }  # fmt: skip
    unnamed_id = {
        (one.opd_code, one.worksheet, f"A{one.cell[1:]}") for one in faults() if one.rule_code == "OBJECT_UNNAMED"
    }
    assert found == set().union(*(planted(code) for code in judged_by_reading)) | unnamed_id


def test_every_reference_resolves_but_the_planted_ones(listed: list[Listed]) -> None:
    objects = {(one.opd_code, one.worksheet, one.says("object_id")) for one in listed}
    found, count = set(), 0
    for one in listed:
        for field in inventory_worksheets()[one.worksheet]:
            if field.refers_to in inventory_worksheets():
                for said in one.refers(field.field):
                    opd_code, _, object_id = said.rpartition("/")
                    count += 1
                    if (opd_code or one.opd_code, field.refers_to, object_id) not in objects:
                        found.add((one.opd_code, one.worksheet, one.cells[field.field][0]))
    assert found == planted("REFERENCE_UNKNOWN")
    assert len(found) == 5
    assert count > 1000


def test_sensitive_data_has_a_classification_but_where_it_is_planted(listed: list[Listed]) -> None:
    words = ("pribadi", "terbatas", "rahasia")
    found = {
        (one.opd_code, one.worksheet, one.cells["classification"][0])
        for one in listed
        if one.worksheet == "Data"
        and any(word in one.says("data_nature").casefold() for word in words)
        and not one.says("classification")
    }
    assert found == planted("CLASSIFICATION_MISSING")


def test_an_id_stands_once_in_a_worksheet_but_where_it_is_planted(listed: list[Listed]) -> None:
    keyed = defaultdict(list)
    for one in listed:
        if one.says("object_id"):
            keyed[one.opd_code, one.worksheet, one.says("object_id")].append(one.cells["object_id"][0])
    again = {(key[0], key[1], place) for key, places in keyed.items() if len(places) > 1 for place in places}
    assert again == planted("OBJECT_CONTRADICTS")
    assert len(again) == 2


def test_every_planted_fault_stands_at_its_cell(folder: Path) -> None:
    lines = {(row["opd_code"], row["worksheet"], row["object_id"]): row for row in seed("sample/inventory_fault")}
    books = {one.workbook: load_workbook(folder / one.workbook) for one in faults()}
    shown = {one.field: one.header for name in inventory_worksheets() for one in inventory_worksheets()[name]}
    assert len(shown) > 50
    for one in faults():
        line, cell = lines[one.opd_code, one.worksheet, one.object_id], books[one.workbook][one.worksheet][one.cell]
        if line["kind"] in ("blank", "unnamed"):
            assert cell.value is None, one
        elif line["kind"] == "repeat":
            assert cell.value == line["object_id"], one
        else:
            assert str(cell.value).removesuffix(" 00:00:00") == line["value"], one
            assert (cell.data_type == "e") == (line["kind"] == "error"), one


def test_the_night_finds_what_is_planted_and_nothing_else(folder: Path, run: Nights) -> None:
    mart = run(folder.parent, night=date(2026, 8, 1), now=datetime(2026, 8, 1, 12, tzinfo=UTC)).mart
    found = mart.connection.execute("SELECT workbook, worksheet, cell, rule_code FROM mart.rejected_row").fetchall()
    assert sorted(row for row in found if row[1] in COUNTS) == sorted(
        (one.workbook, one.worksheet, one.cell, one.rule_code) for one in faults()
    )


def test_every_line_of_faults_is_planted_once_and_for_a_rule_there_is() -> None:
    lines = seed("sample/inventory_fault")
    keys = [(row["opd_code"], row["worksheet"], row["object_id"]) for row in lines]
    assert len(set(keys)) == len(keys) == 40
    assert {row["kind"] for row in lines} == FAULT_KINDS
    assert {(one.opd_code, one.worksheet, one.object_id) for one in faults()} == set(keys)
    assert list(faults()) == planted_faults(seed_no=1)


def test_every_object_of_the_data_files_is_listed(listed: list[Listed]) -> None:
    names = {(one.opd_code, one.worksheet, one.says("object_name")) for one in listed}
    nameless = {(one.opd_code, one.worksheet, one.object_id) for one in faults() if one.rule_code == "OBJECT_UNNAMED"}
    left_out = {(row["opd_code"], row["worksheet"]) for row in seed("sample/inventory_mess")} - {
        (one.opd_code, one.worksheet) for one in listed
    }
    for worksheet, file in tables().items():
        lines = seed(f"sample/{file}")
        assert lines
        for line in lines:
            codes = [code for code in OPD if line["opd_code"] in (code, EVERY_DISTRICT) and is_about(line, code)]
            assert codes, line
            for code in codes:
                if (code, worksheet) not in left_out and (code, worksheet, line["object_id"]) not in nameless:
                    place = OPD[code]["opd_name"].removeprefix("Kecamatan ")
                    assert (code, worksheet, line["object_name"].format(place=place)) in names, line


def is_about(line: Mapping[str, str], opd_code: str) -> bool:
    joined = OPD[opd_code]["has_joined"] == OPD[opd_code]["is_active"] == "yes"
    return joined and (line["opd_code"] == opd_code or opd_code.startswith("KEC-"))


def test_every_text_is_picked_for_some_object() -> None:
    said = defaultdict(set)
    for opd in OPD.values():
        for worksheet in inventory_worksheets():
            kinds = {name: kind for kind, name in kind_names(worksheet).items()}
            for row in inventory_rows(opd, worksheet, 7301):
                kind = kinds[str(row["object_kind"])] if "object_kind" in row else next(iter(kinds.values()))
                for field, value in row.items():
                    said[kind, field].add(str(value))
    for row in seed("sample/inventory_text"):
        shape = re.sub(r"\\{\w+\\}", ".+", re.escape(row["value"]))
        assert any(re.fullmatch(shape, text) for text in said[row["object_kind"], row["field"]]), row


def test_what_a_line_says_is_a_field_of_its_kind() -> None:
    own = {"opd_code", "more", "object_kind"}
    for worksheet, file in tables().items():
        for line in seed(f"sample/{file}"):
            kind = line.get("object_kind") or next(iter(kind_names(worksheet)))
            known = {one.field for one in inventory_fields() if one.object_kind == kind}
            more = {part.split("=", 1)[0] for part in line.get("more", "").split(";") if part}
            assert (set(line) | more) - own <= known, line


def test_mess_is_of_a_known_kind_and_on_its_sheet(workbooks: Mapping[str, Workbook], folder: Path) -> None:
    mess = seed("sample/inventory_mess")
    assert {line["kind"] for line in mess} == MESS_KINDS
    for line in mess:
        sheets = contract_worksheets(workbooks[line["opd_code"]], "opd")
        assert (line["worksheet"] not in sheets) == (line["kind"] == "left_out"), line
        if line["kind"] == "header":
            assert any(cell.text == line["value"].split("|")[1] for cell in sheets[line["worksheet"]].cells), line
    assert len({line["opd_code"] for line in mess if line["kind"] == "left_out"}) == 3
    assert len({line["opd_code"] for line in mess if line["kind"] == "header"}) == 2
    roadmap = load_workbook(folder / "bappeda.xlsx")["Peta Rencana"]
    (merged,) = (one for one in roadmap.merged_cells.ranges if one.min_row == one.max_row)
    assert roadmap.cell(merged.min_row, merged.min_col).value == "Target per tahun (2026-2030)"
    below = [roadmap.cell(merged.min_row + 1, no).value for no in range(merged.min_col, merged.max_col + 1)]
    assert below == [2026, 2027, 2028, 2029, 2030]


def test_an_opd_that_is_no_more_lists_nothing(workbooks: Mapping[str, Workbook]) -> None:
    assert [worksheet.title for worksheet in workbooks["DKP"].worksheets] == ["Penilaian"]
    assert [worksheet.title for worksheet in workbooks["DLH"].worksheets] == ["Penilaian", *inventory_worksheets()]


def test_overlaps_are_between_opd_and_nothing_else_has_the_same_name_or_address(listed: list[Listed]) -> None:
    applications = {(one.opd_code, one.says("object_id")): one for one in listed if one.worksheet == "Aplikasi"}
    pairs, others = (
        [frozenset({(row["opd_a"], row["id_a"]), (row["opd_b"], row["id_b"])}) for row in seed(f"sample/{name}")]
        for name in ("overlap", "overlap_not")
    )
    assert (len(pairs), len(set(pairs))) == (27, 27)
    assert (len(others), len(set(others))) == (26, 26)
    assert not set(pairs) & set(others)
    for pair in [*pairs, *others]:
        assert pair <= applications.keys()
    assert all(len({opd_code for opd_code, _ in pair}) == 2 for pair in pairs)
    for first, second in combinations(applications, 2):
        one, other = applications[first], applications[second]
        same_name = loosen(one.says("object_name")) == loosen(other.says("object_name")) != ""
        same_address = one.says("url") == other.says("url") != ""
        if same_name or same_address:
            assert frozenset({first, second}) in pairs


def test_what_is_listed_supports_and_contradicts_claims(listed: list[Listed]) -> None:
    active = {code for code, opd in OPD.items() if opd["has_joined"] == opd["is_active"] == "yes"}
    applications = [one for one in listed if one.worksheet == "Aplikasi"]
    running = {one.opd_code for one in applications if DATA_CENTRE in one.refers("infrastructure")}
    own = {
        one.opd_code for one in applications if one.opd_code == "DISKOMINFO" and "INF-01" in one.says("infrastructure")
    }
    assert active - running - own == {"SATPOLPP", "KEC-BUKI"}
    assert {row["opd_code"] for row in seed("sample/blocker") if row["indicator_no"] == "16"} == {
        "SATPOLPP",
        "KEC-BUKI",
    }
    networks = {one.opd_code for one in listed if one.kind == "intra_network"}
    assert active - networks == {"KEC-PASIMASUNGGU", "KEC-PASIMASUNGGU-TIMUR"}
    linked = {one.opd_code for one in applications if one.says("link_system") not in NO_LINK}
    assert 17 <= len(linked) <= 23


def test_the_roadmap_has_gaps_to_be_shown(listed: list[Listed]) -> None:
    roadmap = [one for one in listed if one.worksheet == "Peta Rencana"]
    contents = Counter(one.says("content") for one in roadmap)
    assert len(contents) == 7
    assert (contents["audit"], contents["security"]) == (1, 2)
    assert sum(one.says("consulted") == "yes" for one in roadmap) / len(roadmap) == pytest.approx(0.7, abs=0.05)
    assert sum(one.says("instrument") == "pemdi-2026" for one in roadmap) >= 20
    home = Counter(one.opd_code for one in roadmap)
    assert home["DISKOMINFO"] + home["BAPPEDA"] >= 25
    planned = {no for one in roadmap if one.says("instrument") == "pemdi-2026" for no in one.refers("indicators")}
    assert "20" in planned and "19" not in planned  # noqa: PT018  the cheapest path to 2.00 takes both


def test_lines_of_every_district_are_for_districts_alone() -> None:
    for code, opd in OPD.items():
        every = [line for line in lines_of(opd, "Layanan") if line["opd_code"] == EVERY_DISTRICT]
        assert bool(every) == code.startswith("KEC-")


def test_another_seed_changes_texts_but_no_name_address_or_reference(
    tmp_path: Path, workbooks: Mapping[str, Workbook]
) -> None:
    write_sample(tmp_path, seed=1)
    book = read_xlsx(tmp_path / "selayar" / "dishub.xlsx")
    kept = ("object_id", "object_name", "url", "services", "datasets", "infrastructure", "function", "built_in")
    one, other = (list(rows_of("DISHUB", each, "Aplikasi")) for each in (workbooks["DISHUB"], book))
    assert [[row.says(field) for field in kept] for row in one] == [
        [row.says(field) for field in kept] for row in other
    ]
    assert [row.says("description") for row in one] != [row.says("description") for row in other]
