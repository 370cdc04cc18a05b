"""Kota Bandar Lampung: the official results of 2021 and 2022 as published, no workbook of any OPD.

A second institution beside Selayar, with real figures: what the index computes can be held against what
the evaluators printed. OPD and carriers are placeholders and say so.
"""

from __future__ import annotations

from collections.abc import Iterator

from openpyxl import Workbook

from spbe_etl.resources import seed
from spbe_etl.sample.files import add_sheet
from spbe_etl.sample.selayar import Row, published_rows
from spbe_etl.templates.sheets import empty_book, number

REAL = "HASIL RESMI YANG TELAH DITERBITKAN - sumbernya tertulis pada setiap baris"
PLACEHOLDER = "DATA CONTOH - bukan data resmi"
IDENTITY = "Register contoh: hasil evaluasi di dalamnya resmi, daftar OPD dan pengampunya contoh"


def bandar_lampung_register() -> Workbook:
    """The register with verdicts of every indicator and the figures published for the whole and its parts."""
    book = empty_book()
    institution: Row = {
        "institution_code": "18.71",
        "institution_name": "Kota Bandar Lampung",
        "institution_kind": "Kota",
        "timezone": "Asia/Jakarta",
    }
    add_sheet(book, "Instansi", [institution], [IDENTITY])
    add_sheet(book, "OPD", _opd_rows(), [PLACEHOLDER])
    add_sheet(book, "Pengampu", _carrier_rows(), [PLACEHOLDER])
    add_sheet(book, "Verifikasi", _verdict_rows(), [REAL])
    add_sheet(book, "Hasil Terbit", published_rows("bandar-lampung"), [REAL])
    return book


def _opd_rows() -> Iterator[Row]:
    for row in seed("sample/bandar_lampung_opd"):
        yield {"opd_code": row["opd_code"], "opd_name": row["opd_name"], "opd_kind": row["opd_kind"], "active": "Ya"}


def _carrier_rows() -> Iterator[Row]:
    for row in seed("sample/bandar_lampung_opd"):
        for indicator_no in row["indicator_nos"].split():
            yield {"instrument": "spbe-2020", "indicator": number(indicator_no), "carrier": row["opd_code"]}


def _verdict_rows() -> Iterator[Row]:
    for row in seed("sample/bandar_lampung_verdict"):
        yield {
            "year": int(row["year"]),
            "indicator": number(row["indicator_no"]),
            "stage": "Hasil Akhir",
            "score": int(row["score"]),
            "assessor": "Asesor Eksternal",
            "note": f"Sumber: {row['source']}",
        }
