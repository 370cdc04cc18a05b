"""The part of the worksheet `Petunjuk` about the inventories, in Bahasa Indonesia: pairs of heading and text."""

from __future__ import annotations

from collections.abc import Iterator

from spbe_etl.instruments import Instrument
from spbe_etl.inventory.definitions import inventory_worksheets
from spbe_etl.resources import seed
from spbe_etl.templates.asking import known_words
from spbe_etl.templates.inventories import InventoryColumn, inventory_columns, kind_names


def inventory_lines(instrument: Instrument) -> Iterator[tuple[str, str]]:
    """How an OPD fills in its inventories, and which columns each kind of object has where a worksheet has several."""
    worksheets = list(inventory_worksheets())
    closed = "; ".join(_closed_columns(instrument))
    yield "Data ekosistem", f"Lembar {worksheets[0]} sampai {worksheets[-1]}: satu baris untuk satu objek."
    yield "", "Boleh diisi bertahap; lembar yang belum diisi boleh kosong."
    yield "", "Isian lembar-lembar ini tidak mengubah nilai maupun indeks secara otomatis."
    yield "", "Kolom berjudul biru tua perlu diisi agar objeknya lengkap; kolom berjudul biru muda boleh dikosongkan."
    yield "", "Petunjuk setiap kolom muncul bila selnya dipilih."
    yield "Daftar pilihan", "Daftar pada sel hanya saran, bukan daftar resmi: boleh diisi lain."
    yield "", f"Hanya kolom berikut yang perlu diisi dengan kata dari daftarnya: {closed}."
    yield from _object_lines()
    yield "Data pribadi", "Data yang berisi data pribadi perlu disertai Klasifikasi keamanan data."
    yield "", "Cukup sebutkan jenis datanya; mohon tidak menyalin data pribadi atau kata sandi ke lembar mana pun."
    yield "Peta Rencana", "Satu baris untuk satu kegiatan. Kolom Target diisi untuk tiap tahun yang ada targetnya saja."
    yield "", "Bila lebih mudah dalam satu sel, pakailah kolom Target per tahun, misalnya 2026: 3; 2027: 4."
    for worksheet in worksheets:
        if len(kind_names(worksheet)) > 1:
            yield "", ""
            yield from _kind_lines(worksheet)


def _object_lines() -> Iterator[tuple[str, str]]:
    """How an object is told from others, and how it's referred to."""
    prefix = {row["object_kind"]: row["id_prefix"] for row in seed("object_kind")}
    application, service, server = (prefix[kind] for kind in ("application", "service", "server"))
    yield "ID", f"Tanda pengenal objek yang dibuat OPD sendiri, misalnya {application}-01: satu ID untuk satu objek."
    yield "", "ID mohon tidak diubah, juga bila nama objeknya berganti, dan tidak dipakai lagi untuk objek lain."
    yield (
        "Merujuk objek lain",
        f"Tulis ID-nya; bila lebih dari satu, pisahkan dengan titik koma: {service}-01; {service}-02.",
    )
    yield "", f"Objek milik OPD lain ditulis KODE-OPD/ID, misalnya DISKOMINFO/{server}-01."
    yield "Kode referensi", "Kode arsitektur beserta tingkatnya, misalnya RAB.01.02; kosongkan bila belum ditetapkan."
    yield "", "Tingkat 1-2 mengikuti acuan nasional, tingkat berikutnya milik daerah."


def _closed_columns(instrument: Instrument) -> Iterator[str]:
    """Columns whose reader takes nothing but the words on offer, with their worksheet."""
    for worksheet in inventory_worksheets():
        for column in inventory_columns(worksheet):
            if known_words(column, instrument):
                yield f"{column.header} ({worksheet})"


def _kind_lines(worksheet: str) -> Iterator[tuple[str, str]]:
    """Which columns belong to which kind of object: a line per kind, those that every kind has once."""
    columns = inventory_columns(worksheet)
    shared = [column for column in columns if not column.other_kinds]
    yield f"Kolom lembar {worksheet}", f"Untuk setiap jenis objek: {_headers(shared)}. Selain itu:"
    for kind in kind_names(worksheet).values():
        own = [column for column in columns if kind in column.kinds and column.other_kinds]
        needed = [column for column in own if kind in column.needed_by]
        optional = [column for column in own if kind not in column.needed_by]
        parts = [("Perlu diisi", needed), ("Boleh diisi", optional)]
        yield kind, " ".join(f"{word}: {_headers(which)}." for word, which in parts if which)


def _headers(columns: list[InventoryColumn]) -> str:
    return ", ".join(column.header for column in columns)
