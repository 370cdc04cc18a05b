"""What a night must know of a register before it can read anything else: who, where, which workbooks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from spbe_etl.cells import Cell, read_code, read_reference, read_text, read_zone, tidy
from spbe_etl.errors import SourceError
from spbe_etl.workbooks import Workbook, Worksheet, contract_worksheets, find_header

DEFAULT_ZONE = "Asia/Jakarta"


@dataclass(frozen=True)
class Register:
    """An institution, its zone, and the workbook reference of each OPD that has joined."""

    institution_code: str
    zone: ZoneInfo
    references: Mapping[str, str]


def read_register(workbook: Workbook) -> Register:
    """The register's institution and workbooks; raises SourceError (Bahasa) if it can't serve as a register."""
    worksheets = contract_worksheets(workbook, "register")
    institutions = [
        (code, row)
        for row in _rows(workbook.name, "Instansi", worksheets["Instansi"])
        if (code := read_code(row["institution_code"]).value)
    ]
    if len(institutions) != 1:
        raise SourceError(
            f"{workbook.name}, lembar Instansi: ditemukan {len(institutions)} baris berkode, seharusnya satu. "
            f"Isi satu baris: kode, nama, jenis, dan zona waktu instansi."
        )
    code, about = institutions[0]
    zone = read_zone(about["timezone"]).value or DEFAULT_ZONE
    try:
        zone_info = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SourceError(
            f"{workbook.name}, lembar Instansi: zona waktu '{zone[:40]}' tidak dikenal. "
            f"Isi Asia/Jakarta, Asia/Makassar, atau Asia/Jayapura."
        ) from error
    references: dict[str, str] = {}
    for row in _rows(workbook.name, "OPD", worksheets["OPD"]):
        opd_code = read_code(row["opd_code"]).value
        if opd_code and opd_code.upper() not in {known.upper() for known in references}:
            references[opd_code] = _reference(row["spreadsheet"])
    return Register(code, zone_info, _first_of_each(references))


def read_opd_names(workbook: Workbook) -> list[tuple[str, str]]:
    """Code and name of every OPD in a register; raises SourceError."""
    rows = _rows(workbook.name, "OPD", contract_worksheets(workbook, "register")["OPD"])
    named = ((read_code(row["opd_code"]).value, read_text(row["opd_name"]).value) for row in rows)
    return [(code, name) for code, name in named if code]


def _first_of_each(references: Mapping[str, str]) -> dict[str, str]:
    """References that name something, each workbook for the first OPD that names it: its answers count once."""
    first: dict[str, str] = {}
    for opd_code, name in references.items():
        if name:
            first.setdefault(name.casefold().removesuffix(".xlsx"), opd_code)
    return {opd_code: references[opd_code] for opd_code in first.values()}


def _reference(cell: Cell) -> str:
    """What a Spreadsheet cell names. One that can't be read is asked for as it stands, and fails by that name."""
    reading = read_reference(cell)
    return reading.value if reading.problem in ("", "blank") else tidy(cell.text) or "(rumus belum dihitung)"


def _rows(workbook_name: str, name: str, worksheet: Worksheet) -> list[Mapping[str, Cell]]:
    """Data rows of a worksheet as field -> cell; an absent cell is blank."""
    header = find_header(workbook_name, name, worksheet)
    if header is None:
        return []
    fields = {col_no: field for field, col_no in header.columns.items()}
    rows: dict[int, dict[str, Cell]] = defaultdict(lambda: defaultdict(lambda: Cell("text", "")))
    for cell in worksheet.cells:
        if cell.row_no > header.last_row_no and cell.col_no in fields:
            is_address = fields[cell.col_no] == "spreadsheet" and "docs.google.com/" in cell.link
            rows[cell.row_no][fields[cell.col_no]] = (
                Cell("text", cell.link) if is_address else Cell(cell.kind, cell.text)
            )
    return [rows[row_no] for row_no in sorted(rows)]
