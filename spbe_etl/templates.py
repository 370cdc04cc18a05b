"""Empty workbooks to hand out: a register, and one workbook per OPD.

Worksheets and columns come from `worksheet.csv` and `worksheet_field.csv`, scores and level names from
the instrument, so a template can't ask for anything that the reader doesn't know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from spbe_etl.errors import ConfigurationError
from spbe_etl.instruments import Instrument
from spbe_etl.resources import seed
from spbe_etl.template_guide import opd_guide, register_guide
from spbe_etl.workbooks import fields

CellValue = str | int | Decimal | date | None

SPARE_ROWS = 300  # Rows below a pre-filled table that still get the drop-down lists.
WIDE = MappingProxyType(
    {"indicator_name": 58, "explanation": 48, "evidence": 48, "opd_name": 48, "institution_name": 36}
    | {"institution": 36, "source": 48, "note": 48, "supporters": 40, "spreadsheet": 30, "score": 16}
)
HEADER_FONT = Font(name="Calibri", size=11, bold=True, color="FFFFFF")
HEADER_FILL = PatternFill("solid", fgColor="1F4E78")
PREFILLED_FILL = PatternFill("solid", fgColor="EDF2F7")
LINE = Side(style="thin", color="BFBFBF")
GRID = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
DATE_FORMAT = "yyyy-mm-dd"


def write_templates(
    folder: Path, instrument: Instrument, year: int, opd: Sequence[tuple[str, str]] = ()
) -> list[Path]:
    """Write `register.xlsx` and a workbook per OPD (code, name), or `penilaian.xlsx` without any OPD.

    Raises ConfigurationError when the year isn't the instrument's, the folder can't be one, or a
    workbook already stands there: it may have been filled in.
    """
    if not instrument.covers(year):
        raise ConfigurationError(f"{instrument.code} doesn't cover the year {year}")
    names = opd_file_names([code for code, _ in opd])
    paths = [folder / name for name in ("register.xlsx", *(names or ["penilaian.xlsx"]))]
    if taken := [path.name for path in paths if path.exists()]:
        raise ConfigurationError(
            f"{folder}: {', '.join(taken[:5])} already there; choose another folder, templates never overwrite"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{folder}: can't be a folder ({error.strerror})") from error
    _register_book(instrument, year, opd, names).save(paths[0])
    for path, name in zip(paths[1:], [name for _, name in opd] or [""], strict=True):
        _opd_book(instrument, year, name).save(path)
    return paths


def opd_file_names(opd_codes: Sequence[str]) -> list[str]:
    """A safe file name per OPD code, each once whatever the system thinks of upper and lower case."""
    taken = {"register"}
    names: list[str] = []
    for code in opd_codes:
        stem = re.sub(r"[^A-Za-z0-9._-]+", "-", code).strip(".-_")[:60].rstrip(".-_") or "opd"
        if re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", stem):  # Reserved by Windows.
            stem = f"opd-{stem}"
        name, count = stem, 1
        while name.casefold() in taken:
            count += 1
            name = f"{stem}-{count}"
        taken.add(name.casefold())
        names.append(f"{name}.xlsx")
    return names


def add_table(
    sheet: Worksheet, rows: Iterable[Mapping[str, CellValue]], header_row: int = 1, prefilled: frozenset[str] = frozenset()
) -> None:
    """Put the contract's header of this worksheet and rows (field -> value) on it; the header stays in view."""
    columns = fields(sheet.title)
    write_header(sheet, header_row, [column.header for column in columns])
    for no, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(no)].width = WIDE.get(column.field, max(14, len(column.header) + 4))
    for row_no, row in enumerate(rows, start=header_row + 1):
        for no, column in enumerate(columns, start=1):
            cell = write_cell(sheet, row_no, no, row.get(column.field))
            if column.field in prefilled:
                cell.fill = PREFILLED_FILL


def write_header(sheet: Worksheet, row_no: int, titles: Sequence[str]) -> None:
    """Write one header row in the house style and freeze it."""
    for no, title in enumerate(titles, start=1):
        cell = write_cell(sheet, row_no, no, title)
        cell.font, cell.fill = HEADER_FONT, HEADER_FILL
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    sheet.row_dimensions[row_no].height = 32
    sheet.freeze_panes = f"A{row_no + 1}"
    sheet.print_title_rows = f"{row_no}:{row_no}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def write_cell(sheet: Worksheet, row_no: int, column_no: int, value: CellValue) -> Cell:
    """Write one value as it is: text stays text, also where it looks like a formula or an error."""
    cell = sheet.cell(row_no, column_no)
    assert isinstance(cell, Cell)
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value) or None
        if cell.value is not None:
            cell.data_type = "s"
    else:
        cell.value = value
    if isinstance(value, date):
        cell.number_format = DATE_FORMAT
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    cell.border = GRID
    return cell


def _register_book(
    instrument: Instrument, year: int, opd: Sequence[tuple[str, str]], names: Sequence[str]
) -> Workbook:
    prepared: dict[str, list[dict[str, CellValue]]] = {
        "OPD": [
            {"opd_code": code, "opd_name": name, "spreadsheet": file, "active": "Ya"}
            for (code, name), file in zip(opd, names, strict=True)
        ],
        "Pengampu": [
            {"instrument": instrument.code, "indicator": _number(one.no)} for one in instrument.indicators
        ],
    }
    book = _empty_book()
    for row in _worksheets("register"):
        sheet = book.create_sheet(row["worksheet"])
        add_table(sheet, prepared.get(row["worksheet"], ()), prefilled=frozenset({"instrument", "indicator"}))
        _offer_choices(sheet, instrument)
    sheet = book.create_sheet("Indikator")
    write_header(sheet, 1, ["No", "Indikator", "Aspek", "Bobot (%)", "Lazimnya diampu oleh", "Menuntut semua OPD mulai tingkat"])
    aspects = {aspect.no: aspect.name for aspect in instrument.aspects}
    for row_no, one in enumerate(instrument.indicators, start=2):
        owner = one.external_index if one.is_external else one.typical_owner
        gate = one.gate_level if one.gate_kind == "practice" else None
        weight = f"{one.weight.numerator}/{one.weight.denominator}"
        if 100 % one.weight.denominator == 0:
            weight = format(Decimal(one.weight.numerator) / one.weight.denominator, ".2f").replace(".", ",")
        _write_row(sheet, row_no, [_number(one.no), one.name, aspects[one.aspect_no], weight, owner, gate])
    _set_widths(sheet, [8, 62, 44, 12, 30, 22])
    _add_guide(book, register_guide(instrument, year))
    return book


def _opd_book(instrument: Instrument, year: int, opd_name: str) -> Workbook:
    book = _empty_book()
    for row in _worksheets("opd"):
        sheet = book.create_sheet(row["worksheet"])
        rows: list[dict[str, CellValue]] = []
        if row["is_required"] == "yes":
            # An externally fed indicator is nobody's to answer: its row would only invite a number.
            rows = [
                {"year": year, "indicator": _number(one.no), "indicator_name": one.name}
                for one in instrument.indicators
                if not one.is_external
            ]
        add_table(sheet, rows, prefilled=frozenset({"year", "indicator", "indicator_name"}))
        _offer_choices(sheet, instrument)
    if instrument.level_summaries:
        _add_criteria(book, instrument)
    _add_guide(book, opd_guide(instrument, year, opd_name))
    return book


def _worksheets(workbook_kind: str) -> list[dict[str, str]]:
    """The contract's worksheets that have columns to fill in."""
    return [
        row for row in seed("worksheet") if row["workbook_kind"] == workbook_kind and fields(row["worksheet"])
    ]


def _empty_book() -> Workbook:
    book = Workbook()
    book.remove(book.worksheets[0])
    return book


def _number(indicator_no: str) -> CellValue:
    return int(indicator_no) if indicator_no.isdigit() else indicator_no


def _write_row(sheet: Worksheet, row_no: int, values: Sequence[CellValue]) -> None:
    for column_no, value in enumerate(values, start=1):
        write_cell(sheet, row_no, column_no, value)


def _set_widths(sheet: Worksheet, widths: Sequence[int]) -> None:
    for no, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(no)].width = width


def _offer_choices(sheet: Worksheet, instrument: Instrument) -> None:
    """Drop-down lists, and limits for numbers and dates, down to some spare rows."""
    last_row = sheet.max_row + SPARE_ROWS
    for no, column in enumerate(fields(sheet.title), start=1):
        choice = _choice(sheet.title, column.field, instrument)
        if choice is not None:
            letter = get_column_letter(no)
            choice.add(f"{letter}2:{letter}{last_row}")
            sheet.add_data_validation(choice)


def _choice(worksheet: str, field: str, instrument: Instrument) -> DataValidation | None:
    lowest, highest = instrument.lowest_score, instrument.highest_score
    if field == "stage":
        words = [row["verdict_word"] for row in seed("stage") if row["verdict_word"]]
    elif field == "active":
        words = [next(row["spelling"] for row in seed("spelling") if row["value"] == value) for value in ("yes", "no")]
    elif field == "instrument":
        words = [instrument.code]
    elif field == "score" and instrument.score_decimals == 0:
        words = [str(level) for level in range(lowest, highest + 1)]
    elif field == "score":
        rule = DataValidation("decimal", formula1=str(lowest), formula2=str(highest), allow_blank=True)
        return _explain(rule, f"Mohon isi angka {lowest} sampai {highest}, boleh pecahan.")
    else:
        return None
    # A hint, not a lock, for the register: verdicts of several years may follow other instruments.
    rule = DataValidation("list", formula1=f'"{",".join(words)}"', allow_blank=True)
    if worksheet == "Verifikasi" and field == "score":
        rule.errorStyle = "warning"
    return _explain(rule, f"Mohon pilih salah satu: {', '.join(words)}.")


def _explain(rule: DataValidation, message: str) -> DataValidation:
    rule.errorTitle, rule.error, rule.showErrorMessage = "Isian belum sesuai", message, True
    rule.promptTitle, rule.prompt, rule.showInputMessage = "Petunjuk", message, True
    return rule


def _add_criteria(book: Workbook, instrument: Instrument) -> None:
    sheet = book.create_sheet("Kriteria")
    write_header(sheet, 1, ["No", "Tingkat", "Ringkasan tingkat", "Yang diminta dari setiap OPD"])
    for row_no, level in enumerate(instrument.level_summaries, start=2):
        _write_row(sheet, row_no, [_number(level.indicator_no), level.level_no, level.summary, level.all_opd_demand])
    _set_widths(sheet, [8, 10, 90, 60])
    sheet.auto_filter.ref = f"A1:D{sheet.max_row}"


def _add_guide(book: Workbook, lines: Iterable[tuple[str, str]]) -> None:
    """The worksheet `Petunjuk`: pairs of heading and text, either may be empty."""
    sheet = book.create_sheet("Petunjuk")
    _set_widths(sheet, [30, 100])
    sheet.sheet_view.showGridLines = False
    for row_no, (heading, text) in enumerate(lines, start=1):
        _write_row(sheet, row_no, [heading, text])
        title = sheet.cell(row_no, 1)
        title.font = Font(name="Calibri", size=11, bold=True, color="1F4E78")
