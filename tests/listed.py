"""A district whose OPD list inventories: whole and lacking, hostile, shared, planned and cancelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conftest import FOUR_OPD, District, answer, penilaian
from test_inventory_rules import APPLICATION, AWARENESS, CLOUD, DATASET, INITIATIVE, PROCESS, SERVER, SERVICE, sheet

Sheets = Mapping[str, Sequence[Sequence[object]]]
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \"'&lt; {{ 7*7 }} \u202eterbalik\u202c " + "x" * 300
PLAN_COLUMNS = ("Nama rencana/inisiatif", "Indikator", "Target 2026", "Target 2027", "Anggaran", "Aspek", "Status")
PLANS = (
    ("Pusat data", "16", 4, 5, "1,5 miliar", "Aplikasi", None),
    (HOSTILE, "18", None, 3, "250 juta", "Keamanan", None),
    ("Tanpa target", "12", None, None, None, "Aplikasi", None),
    ("Sudah tercapai", "13", 1, None, None, "Aplikasi", None),
    ("Tanpa indikator", None, 4, None, None, "Aplikasi", None),
    ("Dibatalkan", "11", 4, None, None, "Aplikasi", "Batal"),
)
"""Initiatives of an OPD; all but the one that's reached were consulted."""


def books(night: int) -> dict[str, Sheets]:
    """A lists much, some of it hostile; B little and uses A's data; C nothing; the second night some of it is gone."""
    sipd = {
        **APPLICATION,
        "Nama Aplikasi": "SIPD Penatausahaan",
        "Fungsi": "menatausahakan keuangan daerah",
        "URL": "https://sipd.example.id/masuk",
        "Kode Referensi RAA": "RAA.01.02",
    }
    applications_a = [
        sipd | {"Dokumen Siklus Pembangunan": "https://dokumen.example.id/1"},
        {**APPLICATION, "ID": "APL-02", "Nama Aplikasi": HOSTILE, "Fungsi": HOSTILE},
    ]
    gone = [{**APPLICATION, "ID": "APL-09", "Nama Aplikasi": HOSTILE + " lama"}] if night == 1 else []
    bare = [{"ID": f"APL-{no}", "Nama Aplikasi": f"Aplikasi lain {no}"} for no in range(10, 30)]
    plans = [
        {**INITIATIVE, "Instrumen": "spbe-2020", "Dikonsultasikan ke pengelola TIK": "Tidak" if row[2] == 1 else "Ya"}
        | dict(zip(PLAN_COLUMNS, row, strict=True))
        for row in PLANS
    ]
    claims = [answer(2025, no, score) for no, score in ((11, 1), (12, 2), (13, 3), (15, 1), (16, 3), (18, 2))]
    return {
        "a": {
            **penilaian(*claims),
            "Proses Bisnis": sheet("Proses Bisnis", [PROCESS]),
            "Layanan": sheet("Layanan", [SERVICE, {"ID": "LYN-02", "Nama Layanan": "Belum lengkap"}]),
            "Data": sheet("Data", [DATASET]),
            "Aplikasi": sheet("Aplikasi", [*applications_a, *gone]),
            "Infrastruktur": sheet("Infrastruktur", [SERVER, CLOUD, {**SERVER, "Jenis Objek": "Satelit"}]),
            "Keamanan": sheet("Keamanan", [AWARENESS]),
            "Peta Rencana": sheet("Peta Rencana", plans),
        },
        "b": {
            **penilaian(answer(2025, 16, 2)),
            "Layanan": sheet("Layanan", [SERVICE]),
            "Aplikasi": sheet(
                "Aplikasi", [sipd | {"Relasi ke data (DAD)": "A/DAT-01", "Relasi ke SPLP": "Ya"}, *bare]
            ),
        },
        "c": penilaian(answer(2025, 16, 4)),
        "x": penilaian(),
    }  # fmt: skip


def district(**more: Any) -> District:
    carriers = [("spbe-2020", no, "A", "SEMUA" if no == 16 else None) for no in (11, 12, 13, 15, 16, 18, 22)]
    return District(opd=FOUR_OPD, carriers=carriers, targets=[(2025, "1,4", None), (2026, "2,6", None)], **more)
