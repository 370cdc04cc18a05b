"""Published tables as files for people: CSV, one .xlsx, or a workbook for the internal assessors.

Whatever a cell holds stays text: nothing in an export is run as a formula.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from spbe_etl.errors import ConfigurationError
from spbe_etl.folders import make_folder
from spbe_etl.instruments import load_instruments
from spbe_etl.publishing import Publication
from spbe_etl.templates.sheets import empty_book
from spbe_etl.warehouse import mart_columns, mart_tables, sql

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
LONGEST_CELL = 32_767
WIDE = 45
WIDE_COLUMNS = {"Indikator", "Gerbang", "Tingkat ini", "Tingkat berikutnya", "Penjelasan", "Bukti Dukung", "Catatan"}
PROPOSAL_COLUMNS = {
    "Tahun": "year",
    "No Indikator": "indicator_no",
    "Indikator": "indicator_name",
    "Bobot": "weight_pct",
    "OPD pengampu": "opd_code",
    "Klaim pengampu": "claimed_score",
    "Gerbang": "gate",
    "Nilai usulan": "score",
    "Tingkat ini": "level_summary",
    "Tingkat berikutnya": "next_summary",
    "Penjelasan": "explanation",
    "Bukti Dukung": "evidence",
    "Tanggal Bukti": "evidence_on",
    "Catatan": "findings",
    "Verifikasi sekarang": "verdict",
    "Hasil resmi terakhir": "last_official",
    "Berkas": "workbook",
    "Sel": "cell",
}


def export_csv(publication: Publication, folder: Path, institution: str | None, year: int | None) -> list[Path]:
    """One CSV file per published table."""
    make_folder(folder)
    paths = []
    for table in mart_tables():
        path = folder / f"{table}.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([column["column_name"] for column in mart_columns(table)])
            rows = _rows(publication, table, institution, year)
            writer.writerows([_csv_value(value) for value in row.values()] for row in rows)
        paths.append(path)
    return paths


def export_xlsx(publication: Publication, path: Path, institution: str | None, year: int | None) -> Path:
    """All published tables in one workbook, a worksheet each."""
    book = empty_book()
    for table in mart_tables():
        names = [column["column_name"] for column in mart_columns(table)]
        add_sheet(book, table[:31], names, (row.values() for row in _rows(publication, table, institution, year)))
    return _save(book, path)


def export_assessor(publication: Publication, folder: Path, institution: str | None, year: int | None) -> Path:
    """Proposed scores with what an assessor has to know, and a Verifikasi worksheet to fill in for the register.

    A verdict left empty is none: the proposed score goes on counting. Each row has the night's date, so that it
    counts instead of an older verdict. A workbook that's there already isn't written over: it may be filled in.
    """
    rows = publication.rows(sql("ask/assessor"), {"institution": institution, "year": year})
    if not rows:
        raise ConfigurationError("No proposed score for this choice. See what there is: spbe-etl index")
    if len({row["institution_code"] for row in rows}) > 1:
        raise ConfigurationError("Several institutions have proposed scores. Choose one: --institution CODE")
    if year is None:
        rows = [row for row in rows if row["year"] == max(one["year"] for one in rows)]
    path = folder / f"asesor-{rows[0]['institution_code']}-{rows[0]['year']}.xlsx"
    if path.exists():
        raise ConfigurationError(f"{path} is there already and may be filled in. Move it, or choose another --out.")
    book = empty_book()
    told = [row | _criteria(row) for row in rows]
    add_sheet(
        book, "Usulan", list(PROPOSAL_COLUMNS), ([row[name] for name in PROPOSAL_COLUMNS.values()] for row in told)
    )
    verdicts = (
        [row["year"], row["indicator_no"], "Asesor Internal", None, None, row["snapshot_on"], None] for row in rows
    )
    header = ("Tahun", "No Indikator", "Tahap", "Nilai", "Asesor", "Tanggal", "Catatan")
    add_sheet(book, "Verifikasi", header, verdicts)
    return _save(book, path)


def _criteria(row: Mapping[str, Any]) -> dict[str, str | None]:
    """What the level asks, what the next one asks, and how the gate stands."""
    instrument = load_instruments()[row["instrument_code"]]
    (indicator,) = (one for one in instrument.indicators if one.no == row["indicator_no"])
    summaries = {one.level_no: one.summary for one in instrument.level_summaries if one.indicator_no == indicator.no}
    level = int(row["score"] if row["score"] is not None else instrument.lowest_score)
    gate = None
    if indicator.gate_kind == "practice":
        gate = f"Tingkat {indicator.gate_level} menuntut semua OPD dalam cakupan: "
        gate += f"belum, {row['holders']}" if row["holders"] else "terpenuhi"
    elif indicator.is_external:
        gate = f"Dinilai instansi lain: {indicator.external_index}"
    return {"gate": gate, "level_summary": summaries.get(level), "next_summary": summaries.get(level + 1)}


def add_sheet(book: Workbook, title: str, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    """A worksheet with a frozen, bold header and text that stays text."""
    sheet = book.create_sheet(title)
    sheet.append(list(columns))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row_no, row in enumerate(rows, start=2):
        for col_no, value in enumerate(row, start=1):
            cell = sheet.cell(row_no, col_no)
            cell.value = _xlsx_value(value)
            if isinstance(value, str):
                cell.data_type = "s"
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"
    for col_no, name in enumerate(columns, start=1):
        width = WIDE if name in WIDE_COLUMNS else max(12, len(name) + 4)
        sheet.column_dimensions[get_column_letter(col_no)].width = width


def _rows(publication: Publication, table: str, institution: str | None, year: int | None) -> list[dict[str, Any]]:
    wanted = {"institution_code": institution, "year": year}
    rows = publication.rows(f"FROM mart.{table} ORDER BY ALL")
    return [row for row in rows if all(value in (None, row.get(name, value)) for name, value in wanted.items())]


def _csv_value(value: object) -> object:
    """Text that a spreadsheet would run as a formula gets an apostrophe."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def _xlsx_value(value: object) -> Any:
    if isinstance(value, str):
        return ILLEGAL_CHARACTERS_RE.sub(" ", value)[:LONGEST_CELL]
    return value if value is None or isinstance(value, int | float | Decimal | date | datetime | bool) else str(value)


def _save(book: Workbook, path: Path) -> Path:
    make_folder(path.parent)
    book.save(path)
    return path
