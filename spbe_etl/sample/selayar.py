"""The synthetic Kabupaten Kepulauan Selayar: its register and one workbook per joined OPD.

Built so that the official result of 2023 is exactly 1.93 and the proposed one of 2025 is on its way to
the target. What's real in it: that index, the target, and the published averages (BACA-SAYA.txt).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal

from openpyxl import Workbook

from spbe_etl.resources import seed
from spbe_etl.sample.answers import Plan, opd_answers
from spbe_etl.sample.files import SYNTHETIC, add_sheet
from spbe_etl.sample.inventory_sheets import PlantedFault, add_inventories
from spbe_etl.sample.mess import mess_answers, mess_of, mess_sheet
from spbe_etl.templates.sheets import CellValue, empty_book, number

INSTITUTION: Mapping[str, CellValue] = {
    "institution_code": "73.01",
    "institution_name": "Kabupaten Kepulauan Selayar",
    "institution_kind": "Kabupaten",
    "timezone": "Asia/Makassar",
}
Row = dict[str, CellValue]


def opd_list() -> tuple[dict[str, str], ...]:
    """The sample's OPD: plausible names of usual units, no official list."""
    return seed("sample/opd")


def opd_file_name(opd_code: str) -> str:
    """The workbook of an OPD, as the register's `Spreadsheet` names it."""
    return f"{opd_code.lower()}.xlsx"


def opd_workbook(opd: Mapping[str, str], plan: Plan, seed_no: int) -> Workbook:
    """An OPD's workbook with its `Penilaian` and its inventories, and its mess if it has any."""
    code = opd["opd_code"]
    mess = mess_of(code)
    answers = mess_answers(opd_answers(code, plan, seed_no), mess)
    titles = [SYNTHETIC, *(line["value"] for line in mess if line["kind"] == "title"), opd["opd_name"]]
    book = empty_book()
    rows = [{**asdict(one), "indicator": number(one.indicator)} for one in answers]
    sheet = add_sheet(book, "Penilaian", rows, titles)
    mess_sheet(sheet, len(titles) + 2, answers, mess)
    add_inventories(book, opd, opd_file_name(code), seed_no)
    return book


def planted_faults(seed_no: int = 7301) -> list[PlantedFault]:
    """Every fault planted in the inventories, with the cell where it stands in the OPD's workbook."""
    return [
        one
        for opd in opd_list()
        if opd["has_joined"] == "yes"
        for one in add_inventories(empty_book(), opd, opd_file_name(opd["opd_code"]), seed_no)
    ]


def selayar_register() -> Workbook:
    """The register of the synthetic Selayar, every worksheet of the contract."""
    book = empty_book()
    add_sheet(book, "Instansi", [INSTITUTION])
    add_sheet(book, "OPD", _opd_rows())
    add_sheet(book, "Pengampu", _carrier_rows())
    add_sheet(book, "Verifikasi", [*_earlier_rows(), *_assessor_rows()])
    add_sheet(book, "Target", _target_rows())
    add_sheet(book, "Hasil Terbit", published_rows("selayar"))
    return book


def published_rows(sample: str) -> Iterator[Row]:
    """Rows of `Hasil Terbit`: figures that others published, with their source."""
    for row in seed("sample/published"):
        if row["sample"] == sample:
            yield {
                "year": int(row["year"]),
                "institution": row["institution"],
                "part": row["part"],
                "published_value": Decimal(row["value"]),
                "source": row["source"],
            }


def _opd_rows() -> Iterator[Row]:
    for opd in opd_list():
        yield {
            "opd_code": opd["opd_code"],
            "opd_name": opd["opd_name"],
            "opd_kind": opd["opd_kind"],
            "spreadsheet": opd_file_name(opd["opd_code"]) if opd["has_joined"] == "yes" else None,
            "active": "Ya" if opd["is_active"] == "yes" else "Tidak",
            "successor": opd["successor"],
        }


def _carrier_rows() -> Iterator[Row]:
    for row in seed("sample/carrier"):
        yield {
            "instrument": row["instrument_code"],
            "indicator": number(row["indicator_no"]),
            "carrier": row["carrier"],
            "supporters": row["supporters"],
        }


def _earlier_rows() -> Iterator[Row]:
    """2023: what the internal assessors gave, and what became of it."""
    stages = (("Asesor Internal", "claimed", "Asesor Internal 1"), ("Hasil Akhir", "score", "Asesor Eksternal"))
    for stage, column, assessor in stages:
        for row in seed("sample/verdict_2023"):
            yield {
                "year": 2023,
                "indicator": number(row["indicator_no"]),
                "stage": stage,
                "score": int(row[column]),
                "assessor": assessor,
            }


def _assessor_rows() -> Iterator[Row]:
    for row in seed("sample/verdict_2025"):
        yield {
            "year": 2025,
            "indicator": number(row["indicator_no"]),
            "stage": "Asesor Internal",
            "score": int(row["score"]),
            "assessor": row["assessor"],
            "verdict_on": date.fromisoformat(row["verdict_on"]),
            "note": row["note"],
        }


def _target_rows() -> Iterator[Row]:
    for row in seed("sample/target"):
        yield {"year": int(row["year"]), "target_index": Decimal(row["target_index"]), "note": row["note"]}
