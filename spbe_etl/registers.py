"""What a night must know of a register before it can read anything else: who, where, which workbooks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from spbe_etl.cells import READERS, Cell, read_code, read_reference, read_text, read_zone, tidy
from spbe_etl.errors import SourceError
from spbe_etl.workbooks import Workbook, Worksheet, contract_worksheets, find_header

DEFAULT_ZONE = "Asia/Jakarta"


def zone_named(name: str | None) -> ZoneInfo:
    """A published institution's zone; the default one where it has none, or one that isn't known here."""
    try:
        return ZoneInfo(name or DEFAULT_ZONE)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(DEFAULT_ZONE)


@dataclass(frozen=True)
class Register:
    """An institution, its zone, and the workbook reference of each OPD that has joined."""

    institution_code: str
    zone: ZoneInfo
    references: Mapping[str, str]


@dataclass(frozen=True)
class OpdRow:
    """An OPD of a register. `reference`: its workbook, empty if it has none yet."""

    row_no: int
    opd_code: str
    opd_name: str
    is_active: bool
    reference: str


def read_register(workbook: Workbook) -> Register:
    """The register's institution and workbooks; raises SourceError (Bahasa) if it can't serve as a register."""
    worksheets = contract_worksheets(workbook, "register")
    institutions = [
        (code, row)
        for row in _rows(workbook.name, "Instansi", worksheets["Instansi"]).values()
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
    return Register(code, zone_info, _first_of_each({row.opd_code: row.reference for row in opd_rows(workbook)}))


def opd_rows(workbook: Workbook) -> list[OpdRow]:
    """The OPD of a register in its order, by the first row of each code; raises SourceError."""
    rows: dict[str, OpdRow] = {}
    for row_no, row in _rows(workbook.name, "OPD", contract_worksheets(workbook, "register")["OPD"]).items():
        opd_code = read_code(row["opd_code"]).value
        if opd_code:
            is_active = READERS["yes_no"](row["active"]).value != "no"
            name = read_text(row["opd_name"]).value
            found = OpdRow(row_no, opd_code, name, is_active, _reference(row["spreadsheet"]))
            rows.setdefault(opd_code.upper(), found)
    return list(rows.values())


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


def _rows(workbook_name: str, name: str, worksheet: Worksheet) -> dict[int, Mapping[str, Cell]]:
    """Data rows of a worksheet by their number, as field -> cell; an absent cell is blank."""
    header = find_header(workbook_name, name, worksheet)
    if header is None:
        return {}
    fields = {col_no: field for field, col_no in header.columns.items()}
    rows: dict[int, dict[str, Cell]] = defaultdict(lambda: defaultdict(lambda: Cell("text", "")))
    for cell in worksheet.cells:
        if cell.row_no > header.last_row_no and cell.col_no in fields:
            field = fields[cell.col_no]
            is_address = field == "spreadsheet" and "docs.google.com/" in cell.link
            rows[cell.row_no][field] = Cell("text", cell.link) if is_address else Cell(cell.kind, cell.text)
    return {row_no: rows[row_no] for row_no in sorted(rows)}
