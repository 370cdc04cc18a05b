"""The inventories of a country, made by SQL: what OPD write into each column of the contract, and where they're wrong.

Every OPD has all seven worksheets, its objects numbered from 1. Of the ids 2 % are missing, of what's needed 1 %; 3 %
of the references lead nowhere, 1 % of the links are malformed, 2 % of the datasets hold personal data and don't say so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from spbe_etl.inventory.definitions import TARGET_FIELD, InventoryField, inventory_fields, inventory_worksheets
from spbe_etl.resources import seed

OPD = 40
INSTRUMENT = "spbe-2020"
OBJECTS = {
    "Proses Bisnis": 60,
    "Layanan": 150,
    "Data": 150,
    "Aplikasi": 300,
    "Infrastruktur": 100,
    "Keamanan": 50,
    "Peta Rencana": 40,
}
"""Worksheet -> so many objects an institution lists, over all its OPD."""
SYSTEMS = ("Sistem Informasi", "Aplikasi", "Layanan", "Portal", "Dasbor", "Manajemen", "E-Layanan", "Pangkalan Data")
SUBJECTS = (
    *(
        "Kepegawaian",
        "Perizinan",
        "Antrian Pasien",
        "Pajak Daerah",
        "Surat Keluar",
        "Arsip",
        "Aset Daerah",
        "Bantuan Sosial",
    ),
    *("Kependudukan", "Perpustakaan", "Pengaduan Warga", "Penerimaan Murid", "Harga Pangan", "Jalan dan Jembatan"),
    *("Retribusi Pasar", "Uji Kendaraan", "Ketahanan Pangan", "Rujukan Pasien", "Perencanaan", "Penganggaran"),
    *("Kinerja Pegawai", "Presensi", "Tanah Desa", "Gudang Obat", "Kebencanaan", "Pariwisata", "Cagar Budaya"),
    *("Koperasi", "Tenaga Kerja", "Sampah", "Air Bersih", "Ternak", "Perikanan", "Sekolah", "Beasiswa", "Statistik"),
)
ADDITIONS = ("Terpadu", "Online", "Daerah", "Desa", "Kecamatan", "Kelurahan", "Elektronik", "Satu Pintu", "– Baru", "")
NAMES = (SYSTEMS, SUBJECTS, ADDITIONS)
OPTIONAL_PCT = 60
"""So many of a hundred optional cells are filled in."""
KINDS = {"year": "n", "date": "d", "money": "n", "figure": "n", "target": "n"}
"""Reader -> the kind of cell that it mostly reads, where that isn't text."""


def inventory_rows(worksheet: str) -> str:
    """Grain: one row per row of a worksheet, header too: n, content_hash, row_no, texts, kinds."""
    columns = inventory_worksheets()[worksheet]
    cells = ", ".join(f"{_cell(one)} AS {one.field}" for one in columns)
    texts = ", ".join(one.field for one in columns)
    kinds = " || ".join(
        f"CASE WHEN {one.field} IS NULL THEN '-' ELSE '{KINDS.get(one.reader, 't')}' END" for one in columns
    )
    headers = ", ".join(f"'{one.header}'" for one in columns)
    return (
        f"SELECT n, content_hash, 1 AS row_no, [{headers}] AS texts, repeat('t', {len(columns)}) AS kinds "
        f"FROM inventory WHERE worksheet = '{worksheet}' UNION ALL "
        f"SELECT n, content_hash, row_no, [{texts}], {kinds} "
        f"FROM (SELECT n, content_hash, no + 1 AS row_no, {cells} FROM listed_object WHERE worksheet = '{worksheet}')"
    )


def kind_names(worksheet: str) -> list[str]:
    """The kinds of objects that a worksheet lists, as OPD call them."""
    return [row["kind_name"] for row in seed("object_kind") if row["worksheet"] == worksheet]


def places(worksheet: str) -> list[tuple[str, int]]:
    """Each field of a worksheet and its column, in the template's order."""
    return [(one.field, at) for at, one in enumerate(inventory_worksheets()[worksheet], start=1)]


def id_prefix(worksheet: str) -> str:
    """What ids of a worksheet begin with."""
    return next(row["id_prefix"] for row in seed("object_kind") if row["worksheet"] == worksheet)


def _cell(one: InventoryField) -> str:
    """What an object's cell of a field holds; NULL where it's empty."""
    chance = f"draw(h, '{one.field}, filled') % 100"
    filled = [] if one.field in ("object_name", "owner", "classification", "data_nature") else [*_share(one, chance)]
    if (kinds := _kinds_that_have(one)) is not None:
        filled.append(f"kind_name IN ({kinds})")
    return f"CASE WHEN {' AND '.join(filled) or 'true'} THEN {_text(one)} END"


def _share(one: InventoryField, chance: str) -> Iterator[str]:
    if one.need in ("needed", "kind", "label"):
        yield f"{chance} >= 1"
    elif one.field == "object_id":
        yield f"{chance} >= 2"
    elif one.need == "optional":
        yield f"{chance} < {OPTIONAL_PCT}"


def _kinds_that_have(one: InventoryField) -> str | None:
    kinds = {row["object_kind"]: row["kind_name"] for row in seed("object_kind") if row["worksheet"] == one.worksheet}
    having = [
        kinds[other.object_kind]
        for other in inventory_fields()
        if (other.worksheet, other.field) == (one.worksheet, one.field)
    ]
    return ", ".join(f"'{name}'" for name in having) if len(having) < len(kinds) else None


def _text(one: InventoryField) -> str:
    """What a filled cell of a field says."""
    chance = f"draw(h, '{one.field}')"
    choices = [
        row["choice"]
        for row in seed("inventory_choice")
        if (row["worksheet"], row["field"]) == (one.worksheet, one.field)
    ]
    return _own_text(one, chance) or (_one_of(choices, chance) if choices else _text_of_reader(one, chance))


def _own_text(one: InventoryField, chance: str) -> str:
    match one.field:
        case "object_id":
            return f"format('{id_prefix(one.worksheet)}-{{:02d}}', no)"
        case "object_kind":
            return "kind_name"
        case "object_name":
            parts = (_one_of(words, f"draw(h, '{number} of the name')") for number, words in enumerate(NAMES))
            return f"trim({' || chr(32) || '.join(parts)})"
        case "data_nature":
            return "CASE h % 10 WHEN 0 THEN 'Berisi data pribadi' WHEN 1 THEN 'Terbatas' ELSE 'Terbuka' END"
        case "classification":
            return "CASE WHEN h % 10 > 1 THEN 'Biasa' WHEN h % 10 = 1 OR h // 10 % 5 > 0 THEN 'Rahasia' END"
        case "owner":
            return "opd_code"
        case "ends_on":
            return f"format('{{}}-12-31', 2026 + {chance} % 4)"
    return ""


def _text_of_reader(one: InventoryField, chance: str) -> str:  # noqa: C901  a line for each reader
    match one.reader:
        case "references":
            own, other = _reference(one), _reference(one, of_other=True)
            parts = f"WHEN {chance} % 100 < 20 THEN {other} WHEN {chance} % 100 < 30 THEN {own} || '; ' || {other}"
            return f"CASE WHEN {chance} % 100 < 3 THEN 'XX-99' {parts} ELSE {own} END"
        case "links":
            address = f"'https://layanan.example.id/' || md5(CAST({chance} AS VARCHAR))"
            return f"CASE WHEN {chance} % 100 < 1 THEN 'htp:/berkas' ELSE {address} END"
        case "reference_code":
            levels = f"format('{one.refers_to}.{{:02d}}.{{:02d}}', 1 + {chance} % 9, 1 + {chance} // 9 % 20)"
            return f"{levels} || repeat('.01', {int(one.field[-1]) - 2 if '_level_' in one.field else 0})"
        case "year":
            return f"CAST(2008 + {chance} % 18 AS VARCHAR)"
        case "date":
            return f"strftime(DATE '2023-01-01' + CAST({chance} % 1000 AS INTEGER), '%Y-%m-%d')"
        case "money":
            return f"CAST({chance} % 2000 * 250000 + 1000000 AS VARCHAR)"
        case "figure":
            return f"CAST(1 + {chance} % 5 AS VARCHAR)"
        case "target":
            return f"'{min(int(one.field.removeprefix(TARGET_FIELD)) - 2024, 5)}'"
        case "year_targets":
            return "NULL"
        case "indicator_list":
            return f"CAST(1 + {chance} % 47 AS VARCHAR) || '; ' || CAST(1 + {chance} // 47 % 47 AS VARCHAR)"
        case "instrument":
            return f"'{INSTRUMENT}'"
        case "roadmap_content":
            return _one_of([row["content_name"] for row in seed("roadmap_content")], chance)
        case "initiative_status":
            return _one_of(["Direncanakan", "Berjalan", "Selesai", "Batal"], chance)
        case "yes_no":
            return _one_of(["Ya", "Tidak"], chance)
        case "mention":
            return _one_of(["Ada", "Belum ada", "SPLP kabupaten"], chance)
        case "code":
            return f"'RN-' || {chance} % 90"
    return f"'{one.header} ' || {_one_of(SUBJECTS, chance)} || ', catatan ' || {chance} % 100000"


def _one_of(words: Sequence[str], chance: str) -> str:
    return f"[{', '.join(repr(word) for word in words)}][1 + ({chance}) % {len(words)}]"


def _reference(one: InventoryField, *, of_other: bool = False) -> str:
    """The id of an object that's listed: every OPD lists as many as an institution has for each, or one more."""
    each = OBJECTS[one.refers_to] // OPD
    chance = f"draw(h, '{one.field}, {of_other}')"
    opd = f"format('OPD{{:02d}}/', 1 + {chance} // 100 % {OPD}) || " if of_other else ""
    return f"{opd}format('{id_prefix(one.refers_to)}-{{:02d}}', 1 + {chance} % {each})"
