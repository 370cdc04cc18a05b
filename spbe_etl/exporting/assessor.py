"""A workbook for the internal assessors: proposed scores with what they have to know, and a worksheet to fill in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spbe_etl.errors import ConfigurationError
from spbe_etl.exporting.sheets import Look, add_table, empty_stream, save
from spbe_etl.instruments import load_instruments
from spbe_etl.publishing import Publication
from spbe_etl.templates.sheets import DATE_FORMAT
from spbe_etl.warehouse import sql

WIDE = 45
WIDE_COLUMNS = {
    "Indikator",
    "Gerbang",
    "Tingkat ini",
    "Tingkat berikutnya",
    "Penjelasan",
    "Bukti Dukung",
    "Catatan",
    "Fakta",
}
PROPOSAL_COLUMNS = {
    "Tahun": "year",
    "No Indikator": "indicator_no",
    "Indikator": "indicator_name",
    "Bobot": "weight_pct",
    "OPD pengampu": "opd_code",
    "Klaim pengampu": "claimed_score",
    "Fakta": "facts",
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
VERDICTS = ("Tahun", "No Indikator", "Tahap", "Nilai", "Asesor", "Tanggal", "Catatan")
DATES = ("Tanggal Bukti", "Tanggal")


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
    book = empty_stream()
    told = [row | _criteria(row) for row in rows]
    proposals = ([row[name] for name in PROPOSAL_COLUMNS.values()] for row in told)
    verdicts = (
        [row["year"], row["indicator_no"], "Asesor Internal", None, None, row["snapshot_on"], None] for row in rows
    )
    for title, columns, lines in (("Usulan", tuple(PROPOSAL_COLUMNS), proposals), ("Verifikasi", VERDICTS, verdicts)):
        looks = [Look(DATE_FORMAT if name in DATES else "General", wraps=True) for name in columns]
        widths = {name: WIDE if name in WIDE_COLUMNS else max(12, len(name) + 4) for name in columns}
        add_table(book, title, columns, lines, looks, widths)
    return save(book, path)


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
