"""The inventories on an OPD's workbook: their rows, the mess of some sheets, and the faults planted in some cells.

Mess is about sheets (`inventory_mess.csv`): the night should take it in its stride. A fault is about one cell
(`inventory_fault.csv`) and names the rule that should find it there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from types import MappingProxyType

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from spbe_etl.inventory.definitions import TARGET_FIELD, inventory_worksheets
from spbe_etl.resources import seed
from spbe_etl.sample.files import SYNTHETIC, add_sheet
from spbe_etl.sample.inventory import Line, Row, inventory_rows, typed
from spbe_etl.templates.inventories import inventory_columns
from spbe_etl.templates.sheets import CENTRE, write_cell
from spbe_etl.workbooks import a1

TARGETS = "targets"
LEFT_OUT, HEADER_ONLY, MERGED_TARGETS, REPEAT = "left_out", "header_only", "merged_targets", "repeat"
Place = tuple[str, int, str]
"""A field, a row's number, and the rule that should find what's wrong there."""
FIELD_MISSING = "FIELD_MISSING"
"""What follows where texts are taken away that an object needs."""


@dataclass(frozen=True)
class PlantedFault:
    """A cell of the sample that a rule should find, as `inventory_fault.csv` plants it. `workbook`: its file's name."""

    workbook: str
    worksheet: str
    cell: str
    opd_code: str
    object_id: str
    field: str
    rule_code: str


def add_inventories(book: Workbook, opd: Line, file_name: str, seed_no: int) -> list[PlantedFault]:
    """Add an OPD's inventories to its workbook; gives the faults in them. An OPD that's no more lists nothing."""
    if opd["is_active"] != "yes":
        return []
    planted: list[PlantedFault] = []
    for worksheet in inventory_worksheets():
        mess = _lines("inventory_mess", opd, worksheet)
        if not any(line["kind"] == LEFT_OUT for line in mess):
            planted += _add_inventory(book, opd, worksheet, mess, file_name, seed_no)
    return planted


def _add_inventory(
    book: Workbook, opd: Line, worksheet: str, mess: Sequence[Line], file_name: str, seed_no: int
) -> Iterator[PlantedFault]:
    kinds = {line["kind"] for line in mess}
    faults = _lines("inventory_fault", opd, worksheet)
    rows = [] if HEADER_ONLY in kinds else inventory_rows(opd, worksheet, seed_no)
    rows += _repeated(rows, faults)
    # One more row above a header of two rows.
    titles = (SYNTHETIC, opd["opd_name"], *([""] if MERGED_TARGETS in kinds else []))
    header_row = len(titles) + 2
    sheet = add_sheet(book, worksheet, rows, titles)
    for line in mess:
        if change := _SHEET_CHANGES.get(line["kind"]):
            change(sheet, header_row, line)
    columns = [one.field for one in inventory_columns(worksheet)]
    if MERGED_TARGETS in kinds:
        columns.remove(TARGETS)
    for line in faults:
        found = [no for no, row in enumerate(rows, start=header_row + 1) if row["object_id"] == line["object_id"]]
        if not found:
            raise ValueError(f"inventory_fault.csv: {line['opd_code']} has no {line['object_id']} in {worksheet}")
        for field, row_no, rule_code in _FAULTS[line["kind"]](sheet, columns, found, line):
            cell = a1(row_no, columns.index(field) + 1)
            yield PlantedFault(file_name, worksheet, cell, opd["opd_code"], line["object_id"], field, rule_code)


def _lines(name: str, opd: Line, worksheet: str) -> list[Line]:
    about = (opd["opd_code"], worksheet)
    return [row for row in seed(f"sample/{name}") if (row["opd_code"], row["worksheet"]) == about]


def _repeated(rows: Sequence[Row], faults: Sequence[Line]) -> list[Row]:
    """A row for each line that repeats an object with something else in one field."""
    repeats = {line["object_id"]: line for line in faults if line["kind"] == REPEAT}
    found = [(row, line) for row in rows if (line := repeats.get(str(row["object_id"])))]
    return [{**row, line["field"]: line["value"]} for row, line in found]


def _plant_value(sheet: Worksheet, columns: Sequence[str], row_nos: Sequence[int], line: Line) -> Iterator[Place]:
    (one,) = (one for one in inventory_worksheets()[sheet.title] if one.field == line["field"])
    for row_no in row_nos:
        write_cell(sheet, row_no, columns.index(one.field) + 1, typed(one, line["value"]))
        yield one.field, row_no, line["rule_code"]


def _plant_error(sheet: Worksheet, columns: Sequence[str], row_nos: Sequence[int], line: Line) -> Iterator[Place]:
    for field, row_no, rule_code in _plant_value(sheet, columns, row_nos, line):
        sheet.cell(row_no, columns.index(field) + 1).data_type = "e"
        yield field, row_no, rule_code


def _take_identity(sheet: Worksheet, columns: Sequence[str], row_nos: Sequence[int], line: Line) -> Iterator[Place]:
    """Neither ID nor name, nor any text that could stand for a name, each of which is told as missing too."""
    texts = [one.field for one in inventory_columns(sheet.title) if one.needed_by and one.reader == "text"]
    for row_no in row_nos:
        for field in ("object_id", *texts):
            write_cell(sheet, row_no, columns.index(field) + 1, None)
        yield line["field"], row_no, line["rule_code"]
        yield from ((field, row_no, FIELD_MISSING) for field in texts if field != line["field"])


def _contradict(sheet: Worksheet, columns: Sequence[str], row_nos: Sequence[int], line: Line) -> Iterator[Place]:
    """Both rows of an ID stand there already; each is told at its ID."""
    yield from (("object_id", row_no, line["rule_code"]) for row_no in row_nos)


_FAULTS: Mapping[str, Callable[[Worksheet, Sequence[str], Sequence[int], Line], Iterator[Place]]] = MappingProxyType(
    {
        "value": _plant_value,
        "blank": _plant_value,
        "error": _plant_error,
        "unnamed": _take_identity,
        REPEAT: _contradict,
    }
)


def _rename_header(sheet: Worksheet, header_row: int, line: Line) -> None:
    old, new = line["value"].split("|")
    (cell,) = (cell for cell in sheet[header_row] if cell.value == old)
    cell.value = new


def _merge_targets(sheet: Worksheet, header_row: int, _: Line) -> None:
    """A title over the targets of the years, their years below it; every other title reaches over both rows."""
    headers = {one.field: one.header for one in inventory_columns(sheet.title)}
    no_longer = list(headers).index(TARGETS) + 1
    sheet.delete_cols(no_longer)
    for no in range(no_longer, len(headers)):
        after = sheet.column_dimensions[get_column_letter(no + 1)]
        sheet.column_dimensions[get_column_letter(no)].width = after.width
    columns = [field for field in headers if field != TARGETS]
    years = [no for no, field in enumerate(columns, start=1) if field.startswith(TARGET_FIELD)]
    for no, field in enumerate(columns, start=1):
        below = sheet.cell(header_row, no)
        above = write_cell(sheet, header_row - 1, no, headers[TARGETS if no in years else field])
        above.font, above.fill, above.alignment = copy(below.font), copy(below.fill), CENTRE  # type: ignore[assignment]
        if no in years:
            below.value = int(field.removeprefix(TARGET_FIELD))
        else:
            sheet.merge_cells(start_row=header_row - 1, end_row=header_row, start_column=no, end_column=no)
    sheet.merge_cells(start_row=header_row - 1, end_row=header_row - 1, start_column=years[0], end_column=years[-1])
    sheet.print_title_rows = f"{header_row - 1}:{header_row}"


_SHEET_CHANGES: Mapping[str, Callable[[Worksheet, int, Line], None]] = MappingProxyType(
    {"header": _rename_header, MERGED_TARGETS: _merge_targets}
)
FAULT_KINDS = frozenset(_FAULTS)
MESS_KINDS = frozenset({LEFT_OUT, HEADER_ONLY, *_SHEET_CHANGES})
