"""Worksheets as they came, and where each contract field stands in them.

Nothing here changes a value: a worksheet is its cells with kind, text and place; a header is found, not
assumed, and maps fields to columns. Names and synonyms: `seeds/worksheet_field.csv`, `header_synonym.csv`.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

from openpyxl.utils import get_column_letter

from spbe_etl.cells import loosen, tidy
from spbe_etl.errors import SourceError
from spbe_etl.inventory.definitions import inventory_worksheets
from spbe_etl.resources import seed

HEADER_SEARCH_ROWS = 50
FEWEST_HEADERS = 2
"""So many known headers make a row the header of an inventory."""
_ALWAYS_REQUIRED = frozenset(row["worksheet"] for row in seed("worksheet") if row["is_required"] == "yes")


class RawCell(NamedTuple):
    """One cell that holds something. A merged cell stands once for each cell it covers, with one `place`."""

    row_no: int
    col_no: int
    kind: str
    text: str
    link: str
    place: str


def a1(row_no: int, col_no: int) -> str:
    """A cell's place in A1 form."""
    return f"{get_column_letter(col_no)}{row_no}"


@dataclass(frozen=True)
class Worksheet:
    """A worksheet as it came: its title and its non-empty cells in reading order."""

    title: str
    cells: tuple[RawCell, ...]

    @cached_property
    def content_hash(self) -> str:
        """The same title and cells give the same hash, wherever and whenever they were read."""
        content = json.dumps([self.title, self.cells], ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Workbook:
    """A workbook as it came. `name`: the file's name or the spreadsheet's id."""

    name: str
    worksheets: tuple[Worksheet, ...]


@dataclass(frozen=True)
class Header:
    """Where a worksheet's fields stand: field -> column number. `last_row_no` ends the header's rows."""

    row_no: int
    last_row_no: int
    columns: Mapping[str, int]


@dataclass(frozen=True)
class Field:
    """A column of the contract. `is_shown`: what it holds may be shown to others; `is_kept`: it's more than a word
    for whoever fills in, which only says that a row isn't empty.
    """

    worksheet: str
    field: str
    header: str
    reader: str
    is_required: bool
    is_shown: bool
    is_kept: bool


@cache
def fields(worksheet: str) -> tuple[Field, ...]:
    """The contract's columns of a worksheet."""
    return tuple(
        Field(
            row["worksheet"],
            row["field"],
            row["header"],
            row["reader"],
            row["is_required"] == "yes",
            row["is_shown"] == "yes",
            row["is_kept"] == "yes",
        )
        for row in seed("worksheet_field")
        if row["worksheet"] == worksheet
    ) + tuple(
        Field(worksheet, one.field, one.header, one.reader, is_required=False, is_shown=one.is_shown, is_kept=True)
        for one in inventory_worksheets().get(worksheet, ())
    )


@cache
def header_spellings(worksheet: str) -> Mapping[str, str]:
    """Loosened header -> field, for every header of a worksheet and its synonyms."""
    by_header = {field.header: field.field for field in fields(worksheet)}
    known = {loosen(header): field for header, field in by_header.items()}
    for row in seed("header_synonym"):
        if row["worksheet"] in ("*", worksheet) and row["header"] in by_header:
            known.setdefault(loosen(row["synonym"]), by_header[row["header"]])
    return known


@cache
def known_worksheets(workbook_kind: str) -> Mapping[str, str]:
    """Loosened title -> contract worksheet, for a register or an OPD workbook."""
    return {loosen(r["worksheet"]): r["worksheet"] for r in seed("worksheet") if r["workbook_kind"] == workbook_kind}


@cache
def required_worksheets(workbook_kind: str) -> tuple[str, ...]:
    """The worksheets without which a workbook fails."""
    return tuple(
        row["worksheet"]
        for row in seed("worksheet")
        if row["workbook_kind"] == workbook_kind and row["is_required"] == "yes"
    )


def contract_worksheets(workbook: Workbook, workbook_kind: str) -> dict[str, Worksheet]:
    """The workbook's worksheets by their contract name; raises SourceError if a required one is absent."""
    known = known_worksheets(workbook_kind)
    found: dict[str, Worksheet] = {}
    for worksheet in workbook.worksheets:
        name = known.get(loosen(worksheet.title))
        if name in found:
            raise SourceError(f"{workbook.name}: ada dua lembar bernama {name}. Sisakan satu lembar {name} saja.")
        if name is not None:
            found[name] = worksheet
    for name in required_worksheets(workbook_kind):
        if name not in found:
            titles = ", ".join(tidy(worksheet.title)[:40] for worksheet in workbook.worksheets[:12]) or "tidak ada"
            raise SourceError(
                f"{workbook.name}: lembar {name} tidak ada (lembar yang ditemukan: {titles}). "
                f"Beri nama {name} pada lembar yang dimaksud."
            )
    return found


def find_header(workbook_name: str, name: str, worksheet: Worksheet) -> Header | None:
    """The row that holds every required header; None for a worksheet that isn't filled in.

    An inventory has no required ones: its header is the row that knows most of them, two at least, and a worksheet
    without such a row is none. Raises SourceError when there's content but no header, or two columns of one meaning.
    """
    rows: dict[int, list[RawCell]] = defaultdict(list)
    for cell in worksheet.cells:
        rows[cell.row_no].append(cell)
    spellings = header_spellings(name)
    required = {field.field for field in fields(name) if field.is_required}
    best: set[str] = set()
    best_row_no = 0
    for row_no in sorted(rows)[:HEADER_SEARCH_ROWS]:
        found = {spellings[key] for cell in rows[row_no] if (key := loosen(cell.text)) in spellings}
        if required and required <= found:
            return _header(workbook_name, name, row_no, rows)
        if len(found) > len(best):
            best, best_row_no = found, row_no
    if not required:
        return _header(workbook_name, name, best_row_no, rows) if len(best) >= FEWEST_HEADERS else None
    if name not in _ALWAYS_REQUIRED and not any(tidy(cell.text) for cell in worksheet.cells):
        return None
    absent = ", ".join(field.header for field in fields(name) if field.is_required and field.field not in best)
    raise SourceError(
        f"{workbook_name}, lembar {name}: baris judul tidak lengkap; kolom yang tidak ditemukan: {absent}. "
        f"Kembalikan judul kolom seperti pada templat."
    )


def _header(workbook_name: str, name: str, row_no: int, rows: Mapping[int, Sequence[RawCell]]) -> Header:
    """The fields of a header row, and of the rows that its merged cells reach down into."""
    spellings = header_spellings(name)
    places = {cell.place for cell in rows[row_no] if loosen(cell.text) in spellings}
    last_row_no = max(no for no in rows if no == row_no or any(cell.place in places for cell in rows[no]))
    groups = _group_titles(spellings, [rows[no] for no in sorted(rows) if row_no <= no <= last_row_no])
    columns: dict[str, RawCell] = {}
    for cell in (cell for no in sorted(rows) if row_no <= no <= last_row_no for cell in rows[no]):
        field = spellings.get(loosen(cell.text))
        if field is None or cell.place in groups:
            continue
        first = columns.setdefault(field, cell)
        if first.place != cell.place or (
            first.col_no != cell.col_no and _holds_other(cell.col_no, first.col_no, rows, last_row_no)
        ):
            raise SourceError(
                f"{workbook_name}, lembar {name}: dua kolom berarti sama, "
                f"'{tidy(first.text)}' di {first.place} dan '{tidy(cell.text)}' di {cell.place}. "
                f"Sisakan satu kolom."
            )
    return Header(row_no, last_row_no, {field: cell.col_no for field, cell in columns.items()})


def _group_titles(spellings: Mapping[str, str], header_rows: Sequence[Sequence[RawCell]]) -> set[str]:
    """Places of titles that stand over columns with titles of their own: "Target per tahun" over 2026, 2027, ..."""
    above: dict[int, RawCell] = {}
    over: dict[str, set[int]] = defaultdict(set)
    for cell in (cell for row in header_rows for cell in row if loosen(cell.text) in spellings):
        before = above.setdefault(cell.col_no, cell)
        if before.place != cell.place:
            over[before.place].add(cell.col_no)
    return {place for place, columns in over.items() if len(columns) > 1}


def _holds_other(col_no: int, first_col_no: int, rows: Mapping[int, Sequence[RawCell]], header_row_no: int) -> bool:
    """Whether a column under a header merged across columns holds anything of its own."""
    for row_no, cells in rows.items():
        if row_no > header_row_no:
            places = {cell.place for cell in cells if cell.col_no == first_col_no}
            if any(cell.col_no == col_no and tidy(cell.text) and cell.place not in places for cell in cells):
                return True
    return False
