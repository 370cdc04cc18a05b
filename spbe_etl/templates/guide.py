"""The texts of the worksheet `Petunjuk`, in Bahasa Indonesia: pairs of heading and text.

What depends on the rules (range, decimals, level names, words before a score) comes from the instrument
and the seeds; what's accepted is what `cells.py` reads.
"""

from __future__ import annotations

from collections.abc import Iterator

from spbe_etl.instruments import Instrument
from spbe_etl.resources import seed
from spbe_etl.templates.inventory_guide import inventory_lines
from spbe_etl.templates.version import version_line
from spbe_etl.workbooks import fields

_KINDS = {"process": "proses", "service": "layanan"}
_REGISTER_NOTES = {
    "Instansi": "Cukup satu baris. Zona waktu: Asia/Jakarta, Asia/Makassar, atau Asia/Jayapura.",
    "OPD": "Kolom Spreadsheet berisi alamat atau id Google Spreadsheet, atau nama berkas .xlsx di folder ini. "
    "Bila OPD belum bergabung, mohon kosongkan kolom ini.",
    "Pengampu": "Satu baris untuk satu indikator. Pendukung: kode OPD dipisahkan titik koma, atau SEMUA bila seluruh "
    "OPD aktif ikut mendukung. Nama dan bobot indikator ada di lembar Indikator.",
    "Verifikasi": "Bila satu indikator dinilai lebih dari sekali pada tahap yang sama, yang berlaku adalah tanggal "
    "terakhir; karena itu Tanggal sebaiknya selalu diisi.",
    "Hasil Terbit": "Bagian: Indeks, Domain 2, Aspek 5, atau Indikator 12. Angka disalin persis seperti terbitannya.",
}


def opd_guide(instrument: Instrument, year: int, opd_name: str) -> list[tuple[str, str]]:
    """How an OPD fills in its workbook."""
    return [
        (f"Petunjuk pengisian: {instrument.name}, tahun {year}", ""),
        ("Dasar", instrument.regulation),
        version_line(instrument, year),
        *([("OPD", opd_name)] if opd_name else []),
        ("", ""),
        ("Cara mengisi", "Mohon isi lembar Penilaian, satu baris untuk satu indikator."),
        ("", "Kolom berwarna abu-abu sudah terisi; mohon tidak diubah. Kolom itu dan judul kolom dikunci tanpa kata"
         " sandi, sekadar agar tidak terubah tanpa sengaja."),
        ("", "Isilah indikator yang diampu atau didukung OPD Bapak/Ibu. Baris lainnya boleh dibiarkan kosong."),
        ("", "Sel nilai yang kosong berarti belum dijawab, bukan nilai nol."),
        ("", "Nama lembar dan judul kolom mohon tidak diganti. Kolom catatan boleh ditambahkan di sebelah kanan."),
        ("", ""),
        *_score_lines(instrument),
        ("", ""),
        ("Penjelasan", "Uraikan singkat apa yang sudah berjalan dan bagaimana bukti menunjukkannya."),
        ("Bukti Dukung", "Tautan lengkap yang diawali https:// dan dapat dibuka asesor. Bila lebih dari satu, mohon"
         " ditulis pada baris baru di sel yang sama (Alt+Enter)."),
        ("", "Nilai 2 ke atas perlu disertai bukti."),
        ("", "Mohon tidak memuat data pribadi pada penjelasan maupun nama berkas bukti."),
        ("Tanggal Bukti", "Tanggal dokumen bukti ditetapkan atau dibuat; bukan tanggal yang akan datang."),
        *_external_lines(instrument),
        ("", ""),
        *inventory_lines(instrument),
    ]  # fmt: skip


def register_guide(instrument: Instrument, year: int) -> list[tuple[str, str]]:
    """How the Dinas keeps the register."""
    lines = [
        (f"Petunjuk register: {instrument.name}, tahun {year}", ""),
        ("Dasar", instrument.regulation),
        version_line(instrument, year),
        ("", "Register dikelola Dinas Kominfo. Nama lembar dan judul kolom mohon tidak diganti."),
        ("", "Judul kolom dikunci tanpa kata sandi, sekadar agar tidak terubah tanpa sengaja."),
        ("", ""),
    ]
    for row in seed("worksheet"):
        if row["workbook_kind"] != "register":
            continue
        required = ", ".join(field.header for field in fields(row["worksheet"]) if field.is_required)
        lines.append((row["worksheet"], f"{row['purpose']}. Kolom yang harus ada: {required}."))
        if note := _REGISTER_NOTES.get(row["worksheet"]):
            lines.append(("", note))
    return [*lines, *_external_lines(instrument)]


def _score_lines(one: Instrument) -> Iterator[tuple[str, str]]:
    words = ", ".join(row["word"].capitalize() for row in seed("score_word"))
    whole = one.score_decimals == 0
    kind = "bilangan bulat" if whole else f"angka, boleh pecahan (paling banyak {one.score_decimals} desimal),"
    yield "Tingkat Kematangan", f"Isi dengan {kind} dari {one.lowest_score} sampai {one.highest_score}."
    if whole:
        yield "", "Tingkat bersifat kumulatif: suatu tingkat tercapai bila semua tingkat di bawahnya terpenuhi."
    if one.level_summaries:
        yield "", "Ringkasan setiap tingkat ada di kolom Ringkasan Tingkat dan di lembar Kriteria."
    examples = ["3", "3,0", "3.0", "III", "Level 3"] if whole else ["2", "1,5", "1.75", "Level 2"]
    names = {level.kind: level.name for level in reversed(one.level_names) if level.level_no == 3}
    if names:
        examples += [f"3 ({names[kind]})" for kind in _KINDS if kind in names]
    yield "Yang diterima", "; ".join(examples) + f". Kata yang boleh mendahului angka: {words}."
    refused = ["rentang (3-4)", "tanggal", "galat (#REF!)", "kata lain"]
    refused += ["pecahan (2,5)"] if whole else [f"lebih dari {one.score_decimals} desimal"]
    refused += ["nama tingkat tanpa angka"] if names else []
    yield "Yang ditolak", "; ".join(refused) + ". Sel yang ditolak dilaporkan kembali kepada OPD untuk diperbaiki."
    for kind, title in _KINDS.items():
        if any(level.kind == kind for level in one.level_names):
            yield f"Nama tingkat {title}", "; ".join(_named_levels(one, kind)) + "."


def _named_levels(one: Instrument, kind: str) -> Iterator[str]:
    for level_no in range(one.lowest_score, one.highest_score + 1):
        names = [level.name for level in one.level_names if (level.kind, level.level_no) == (kind, level_no)]
        yield f"{level_no} {' atau '.join(names)}"


def _external_lines(one: Instrument) -> Iterator[tuple[str, str]]:
    external = [indicator for indicator in one.indicators if indicator.is_external]
    if external:
        numbers = ", ".join(indicator.no for indicator in external)
        yield "", ""
        yield "Nilai instansi lain", f"Indikator {numbers} tidak diisi OPD: nilainya diambil dari indeks instansi lain."
        for indicator in external:
            yield "", f"Indikator {indicator.no}: {indicator.external_index}."
        yield "", "Hasilnya dicatat asesor di lembar Verifikasi pada register, sudah dalam skala 1,00-5,00."
