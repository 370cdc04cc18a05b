"""Empty workbooks to hand out: a register, and one workbook per OPD.

Worksheets and columns come from `worksheet.csv`, `worksheet_field.csv` and `inventory_field.csv`, scores and level
names from the instrument, so a template can't ask for anything that the reader doesn't know.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook

from spbe_etl.errors import ConfigurationError
from spbe_etl.folders import make_folder
from spbe_etl.instruments import Instrument
from spbe_etl.resources import contract_version, seed
from spbe_etl.templates.choices import ask_for_objects, offer_choices
from spbe_etl.templates.guide import opd_guide, register_guide
from spbe_etl.templates.inventories import inventory_columns
from spbe_etl.templates.lists import ChoiceLists
from spbe_etl.templates.protection import protect
from spbe_etl.templates.sheets import (
    SUMMARY,
    CellValue,
    add_guide,
    add_table,
    empty_book,
    fit_guide,
    format_columns,
    number,
    set_widths,
    write_header,
    write_row,
)
from spbe_etl.templates.version import stamp_version
from spbe_etl.workbooks import fields

__all__ = ["contract_version", "opd_file_names", "opd_workbook", "write_templates"]

PREFILLED = ("year", "indicator", "indicator_name", SUMMARY)
RESERVED_BY_WINDOWS = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def write_templates(folder: Path, instrument: Instrument, year: int, opd: Sequence[tuple[str, str]] = ()) -> list[Path]:
    """Write `register.xlsx` and a workbook per OPD (code, name), or `penilaian.xlsx` without any OPD.

    Raises ConfigurationError when the year isn't the instrument's, the folder can't be one, or a
    workbook already stands there: it may have been filled in.
    """
    _check_year(instrument, year)
    names = opd_file_names([code for code, _ in opd])
    paths = [folder / name for name in ("register.xlsx", *(names or ["penilaian.xlsx"]))]
    if taken := [path.name for path in paths if path.exists()]:
        raise ConfigurationError(
            f"{folder}: {', '.join(taken[:5])} already there; choose another folder, templates never overwrite"
        )
    make_folder(folder)
    _register_book(instrument, year, opd, names).save(paths[0])
    for path, opd_name in zip(paths[1:], [name for _, name in opd] or [""], strict=True):
        path.write_bytes(opd_workbook(instrument, year, opd_name))
    return paths


def opd_workbook(instrument: Instrument, year: int, opd_name: str) -> bytes:
    """The empty workbook of one OPD, as the bytes of an `.xlsx`; `opd_name` stands in its guide, or is empty.

    Raises ConfigurationError when the year isn't the instrument's.
    """
    _check_year(instrument, year)
    content = BytesIO()
    _opd_book(instrument, year, opd_name).save(content)
    return content.getvalue()


def _check_year(instrument: Instrument, year: int) -> None:
    if not instrument.covers(year):
        raise ConfigurationError(f"{instrument.code} doesn't cover the year {year}")


def opd_file_names(opd_codes: Sequence[str]) -> list[str]:
    """A safe file name per OPD code, each once whatever the system thinks of upper and lower case."""
    taken = {"register"}
    names: list[str] = []
    for code in opd_codes:
        stem = re.sub(r"[^A-Za-z0-9._-]+", "-", code).strip(".-_")[:60].rstrip(".-_") or "opd"
        if RESERVED_BY_WINDOWS.fullmatch(stem):
            stem = f"opd-{stem}"
        name, count = stem, 1
        while name.casefold() in taken:
            count += 1
            name = f"{stem}-{count}"
        taken.add(name.casefold())
        names.append(f"{name}.xlsx")
    return names


def _register_book(instrument: Instrument, year: int, opd: Sequence[tuple[str, str]], names: Sequence[str]) -> Workbook:
    prepared: dict[str, list[dict[str, CellValue]]] = {
        "OPD": [
            {"opd_code": code, "opd_name": name, "spreadsheet": file, "active": "Ya"}
            for (code, name), file in zip(opd, names, strict=True)
        ],
        "Pengampu": [{"instrument": instrument.code, "indicator": number(one.no)} for one in instrument.indicators],
    }
    book = empty_book()
    for row in _worksheets("register"):
        sheet = book.create_sheet(row["worksheet"])
        add_table(sheet, prepared.get(row["worksheet"], ()), prefilled=("instrument", "indicator"))
        offer_choices(sheet, instrument)
    _add_indicators(book, instrument)
    add_guide(book, register_guide(instrument, year))
    protect(book)
    stamp_version(book)
    return book


def _opd_book(instrument: Instrument, year: int, opd_name: str) -> Workbook:
    book, lists = empty_book(), ChoiceLists()
    for row in _worksheets("opd"):
        sheet = book.create_sheet(row["worksheet"])
        rows = _answer_rows(instrument, year) if row["is_required"] == "yes" else []
        add_table(sheet, rows, prefilled=PREFILLED)
        if inventory_columns(sheet.title):
            format_columns(sheet)
            ask_for_objects(sheet, instrument, lists)
        else:
            offer_choices(sheet, instrument)
    lists.write(book)
    if instrument.level_summaries:
        _add_criteria(book, instrument)
    fit_guide(add_guide(book, opd_guide(instrument, year, opd_name)))
    protect(book, locked_fields=PREFILLED)
    stamp_version(book)
    return book


def _answer_rows(instrument: Instrument, year: int) -> list[dict[str, CellValue]]:
    """A row per indicator to answer. An externally fed one is nobody's: its row would only invite a number."""
    summaries = _level_summaries(instrument)
    return [
        {"year": year, "indicator": number(one.no), "indicator_name": one.name, SUMMARY: summaries.get(one.no)}
        for one in instrument.indicators
        if not one.is_external
    ]


def _level_summaries(instrument: Instrument) -> Mapping[str, str]:
    """Indicator -> what each of its levels asks, a line per level."""
    lines: dict[str, list[str]] = defaultdict(list)
    for level in instrument.level_summaries:
        lines[level.indicator_no].append(f"{level.level_no}: {level.summary}")
    return {indicator_no: "\n".join(texts) for indicator_no, texts in lines.items()}


def _worksheets(workbook_kind: str) -> list[dict[str, str]]:
    """The contract's worksheets that have columns to fill in."""
    return [row for row in seed("worksheet") if row["workbook_kind"] == workbook_kind and fields(row["worksheet"])]


def _add_indicators(book: Workbook, instrument: Instrument) -> None:
    """The worksheet `Indikator`: what whoever fills in `Pengampu` needs to know of each indicator."""
    sheet = book.create_sheet("Indikator")
    titles = ["No", "Indikator", "Aspek", "Bobot (%)", "Lazimnya diampu oleh", "Menuntut semua OPD mulai tingkat"]
    write_header(sheet, 1, titles)
    aspects = {aspect.no: aspect.name for aspect in instrument.aspects}
    for row_no, one in enumerate(instrument.indicators, start=2):
        owner = f"Nilai dari instansi lain: {one.external_index}" if one.is_external else one.typical_owner
        gate = one.gate_level if one.gate_kind == "practice" else None
        write_row(sheet, row_no, [number(one.no), one.name, aspects[one.aspect_no], _percent(one.weight), owner, gate])
    set_widths(sheet, [8, 62, 44, 12, 36, 22])


def _percent(weight: Fraction) -> str:
    """A weight as Indonesians write it: 2,75; a third stays a fraction, 10/3."""
    hundredths = weight * 100
    if hundredths.denominator != 1:
        return str(weight)
    return f"{Decimal(hundredths.numerator).scaleb(-2)}".replace(".", ",")


def _add_criteria(book: Workbook, instrument: Instrument) -> None:
    """The worksheet `Kriteria`: one line per indicator and level."""
    sheet = book.create_sheet("Kriteria")
    write_header(sheet, 1, ["No", "Tingkat", "Ringkasan tingkat", "Yang diminta dari setiap OPD"])
    for row_no, level in enumerate(instrument.level_summaries, start=2):
        write_row(sheet, row_no, [number(level.indicator_no), level.level_no, level.summary, level.all_opd_demand])
    set_widths(sheet, [8, 10, 90, 60])
    sheet.auto_filter.ref = f"A1:D{sheet.max_row}"
