"""`spbe-etl inventory`: what OPD list of their architecture and roadmap, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from shlex import quote
from typing import Annotated, Any

import typer

from spbe_etl.cells import loosen
from spbe_etl.cli.ask import ask, ask_statement
from spbe_etl.cli.options import AsJson, AsOf, DataDir, Institution, read_day, settings_with
from spbe_etl.cli.output import console, safe, show_json, table
from spbe_etl.cli.overlaps import overlaps
from spbe_etl.cli.roadmap import roadmap
from spbe_etl.cli.sifting import Everything, Opd, names_of, sifted, tell_left, words
from spbe_etl.display import number
from spbe_etl.errors import ConfigurationError
from spbe_etl.inventory.code_lists import ROADMAP_LIST, list_names, read_code_lists
from spbe_etl.inventory.definitions import inventory_worksheets
from spbe_etl.inventory.tables import listed_tables
from spbe_etl.reading import filled
from spbe_etl.resources import seed

DAYS = 7
"""So many nights back `changes` looks unless told."""
MOST_NAMED = 8
MOST_STEPS = 5
OTHER_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "application": {"Basis": "platform"},
    "dataset": {"Sifat": "data_nature"},
    "service": {"Metode": "method"},
    "infrastructure": {"Jenis": "kind_name"},
    "security_control": {"Jenis": "kind_name"},
    "initiative": {"Indikator": "indicators", "Status": "status"},
}
"""What a list shows for people beside id and name, by published table."""

inventory_app = typer.Typer(name="inventory", invoke_without_command=True)
inventory_app.command()(overlaps)
inventory_app.command()(roadmap)


@inventory_app.callback()
def overview(
    context: typer.Context,
    opd: Opd = None,
    institution: Institution = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Inventories of OPD (architecture, roadmap): how far they go, what disagrees with them, what to do next.

    Without a view it shows the overview. Options of a view stand behind its name.

    Example: spbe-etl inventory --opd DISKOMINFO
    """
    if context.invoked_subcommand is not None:
        if opd or institution or data_dir or as_json:
            view = context.invoked_subcommand
            raise ConfigurationError(f"Write options behind the view: spbe-etl inventory {view} --json, say.")
        return
    worksheets = list(inventory_worksheets())
    settings = settings_with(data_dir=data_dir)
    rows = ask(settings, "inventory_overview", institution=institution, opd=opd, worksheets=worksheets)
    if as_json:
        show_json(rows)
        return
    for row in rows:
        code = row["institution_code"]
        of_one = f" --institution {quote(code)}" if institution is not None or len(rows) > 1 else ""
        _show_overview(row, of_one, f" --opd {quote(opd)}" if opd else "")


def _show_overview(row: Mapping[str, Any], of_one: str, of_opd: str) -> None:
    title = f"{row['institution_name'] or row['institution_code']} ({row['institution_code']})"
    listed = sum(one["listed_count"] for one in row["domains"])
    if not listed and not row["initiative_count"] and not row["rejection_count"]:
        console.print(
            f"[bold]{safe(title)}[/]: belum ada inventaris. Lembarnya ada pada templat: spbe-etl template DIR"
        )
        return
    counts = ("listed_count", "complete_count", "coded_count", "linked_count")
    lines = [
        (
            f"{one['domain']} {one['worksheet']}",
            f"{one['opd_count']} dari {row['opd_count']}",
            *(one[n] for n in counts),
        )
        for one in row["domains"]
    ]
    columns = ("Domain", "OPD mengisi", "Objek", "Lengkap", "Berkode", "Terhubung")
    table(f"{title}, malam {row['snapshot_on']}", columns, lines, right=range(1, 6))
    for name, text in _standing(row):
        console.print(f"[dim]{name:<16}[/] {safe(text)}", soft_wrap=True)
    steps = list(_next_steps(row, of_one, of_opd))[:MOST_STEPS]
    for place, (text, command) in enumerate(steps, start=1):
        console.print(f"[dim]{'Berikutnya' if place == 1 else '':<16}[/] {place}. {safe(text)}", soft_wrap=True)
        console.print(f"{'':<20}spbe-etl {safe(command)}", soft_wrap=True)
    console.print()


def _standing(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if row["unlisted_opd"]:
        yield "Belum mengisi", f"{len(row['unlisted_opd'])} OPD: {_some(row['unlisted_opd'])}"
    yield "Peta rencana", _initiatives(row)
    yield "Aplikasi serupa", f"{row['overlap_count']} pasang, {row['undecided_count']} belum diputuskan"
    yield "Fakta dan klaim", f"{row['claim_above_count']} klaim di atas fakta, {row['claim_below_count']} di bawah"
    yield "Berbagi data", f"{row['island_count']} OPD belum berbagi data dengan OPD lain"
    yield "Pemeriksaan", f"{row['rejection_count']} temuan membuat baris ditolak, {row['warning_count']} peringatan"


def _initiatives(row: Mapping[str, Any]) -> str:
    if not row["step_count"]:
        return f"{row['initiative_count']} inisiatif"
    of_steps = f"{row['uncovered_step_count']} dari {row['step_count']} langkah jalur ke target"
    return f"{row['initiative_count']} inisiatif; {of_steps} belum direncanakan"


def _next_steps(row: Mapping[str, Any], of_one: str, of_opd: str) -> Iterator[tuple[str, str]]:
    """What helps most, most pressing first, each with the command that shows more."""
    narrowed = of_one + of_opd
    if row["rejection_count"]:
        worst = "".join(f" --worksheet '{name}'" for name in row["rejected_worksheets"])
        yield f"Perbaiki {row['rejection_count']} temuan yang membuat baris ditolak", f"rejections{narrowed}{worst}"
    if row["claim_above_count"]:
        yield f"Periksa {row['claim_above_count']} klaim yang di atas faktanya", f"inventory facts{narrowed}"
    if row["undecided_count"]:
        yield f"Putuskan {row['undecided_count']} pasang aplikasi serupa", f"inventory overlaps{narrowed}"
    if row["uncovered_step_count"]:
        told = f"Rencanakan {row['uncovered_step_count']} langkah yang belum ada inisiatifnya"
        yield told, f"inventory roadmap{narrowed}"
    if row["unlisted_opd"]:
        yield f"Minta {len(row['unlisted_opd'])} OPD mengisi inventarisnya", f"inventory coverage{narrowed}"
    if any(one["complete_count"] < one["listed_count"] for one in row["domains"]):
        yield "Lengkapi isian wajib yang masih kosong", f"rejections{narrowed}{_worksheet_options(row)}"
    if any(one["coded_count"] < one["listed_count"] for one in row["domains"]):
        yield "Beri kode referensi tingkat 1-2 pada objek yang belum", f"inventory codes{of_one}"


def _worksheet_options(row: Mapping[str, Any]) -> str:
    lacking = [one["worksheet"] for one in row["domains"] if one["complete_count"] < one["listed_count"]]
    return "".join(f" --worksheet '{name}'" for name in lacking)


def _some(codes: Sequence[str]) -> str:
    more = len(codes) - MOST_NAMED
    return ", ".join(codes[:MOST_NAMED]) + (f", dan {more} lagi" if more > 0 else "")


@inventory_app.command()
def coverage(
    opd: Opd = None,
    everything: Everything = False,
    institution: Institution = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show how far each OPD's inventory goes, by architecture domain.

    Example: spbe-etl inventory coverage --opd DISDIK
    """
    settings = settings_with(data_dir=data_dir)
    rows = ask(settings, "inventory_coverage", institution=institution, opd=opd)
    if as_json:
        show_json(rows)
        return
    names = names_of(settings)
    for code, group in groupby(rows, key=itemgetter("institution_code")):
        found = [list(of_opd) for _, of_opd in groupby(group, key=itemgetter("opd_code"))]
        if opd is not None:
            for of_opd in found:
                _show_domains(names[code], of_opd)
            continue
        shown, left = sifted(found, everything)
        domains = [one["domain"] for one in found[0]]
        columns = ("OPD", *domains, "Lengkap", "Berkode", "Terhubung")
        table(f"{names[code]}: objek tiap domain", columns, map(_of_opd, shown), right=range(1, len(columns)))
        tell_left(left)


def _of_opd(domains: Sequence[Mapping[str, Any]]) -> tuple[object, ...]:
    listed = [one["listed_count"] for one in domains]
    parts = (sum(one[f"{name}_count"] for one in domains) for name in ("complete", "coded", "linked"))
    return (domains[0]["opd_code"], *listed, *(f"{part}/{sum(listed)}" for part in parts))


def _show_domains(name: str, domains: Sequence[Mapping[str, Any]]) -> None:
    lines = [
        (
            f"{one['domain']} {one['worksheet']}",
            one["listed_count"],
            *(_share(one, part) for part in ("complete", "coded", "linked")),
        )
        for one in domains
    ]
    title = f"{name}, {domains[0]['opd_code']} {domains[0]['opd_name'] or ''}"
    table(title, ("Domain", "Objek", "Lengkap", "Berkode", "Terhubung"), lines, right=range(1, 5))


def _share(one: Mapping[str, Any], part: str) -> str:
    share = one[f"{part}_pct"]
    return "-" if share is None else f"{one[f'{part}_count']} ({number(share)}%)"


@inventory_app.command()
def facts(
    opd: Opd = None,
    everything: Everything = False,
    institution: Institution = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show facts counted in the inventories beside what's claimed. For the assessor: no score is altered by them.

    Example: spbe-etl inventory facts --opd DISKOMINFO
    """
    settings = settings_with(data_dir=data_dir)
    rows = ask(settings, "inventory_fact", institution=institution, opd=opd)
    if as_json:
        show_json(rows)
        return
    names, of_finding = names_of(settings), words("finding")
    for (code, year, instrument), group in groupby(rows, key=itemgetter("institution_code", "year", "instrument_code")):
        shown, left = sifted(list(group), everything)
        lines = [
            (
                row["indicator_no"],
                f"{number(row['supported_level'], 0)}/{number(row['claimed_score'])}",
                row["opd_code"] or "-",
                of_finding[row["finding"]],
                row["note"],
            )
            for row in shown
        ]
        columns = ("Ind", "Fakta/klaim", "OPD", "Temuan", "Catatan")
        table(f"{names[code]}, {year} ({instrument}): fakta inventaris dan klaim", columns, lines)
        tell_left(left)
    if rows:
        console.print("Fakta/klaim: tingkat yang didukung fakta, dan yang diakui. Nilai tidak diubah olehnya.")
    else:
        console.print("Belum ada fakta untuk dibandingkan.")


@inventory_app.command()
def integration(
    opd: Opd = None,
    everything: Everything = False,
    institution: Institution = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show whose data whose applications use, through the link system (SPLP) or not, and who shares nothing.

    Example: spbe-etl inventory integration
    """
    settings = settings_with(data_dir=data_dir)
    rows = ask(settings, "inventory_integration", institution=institution, opd=opd)
    if as_json:
        show_json(rows)
        return
    names = names_of(settings)
    for code, group in groupby(rows, key=itemgetter("institution_code")):
        found = list(group)
        shown, left = sifted([row for row in found if not row["is_island"]], everything)
        lines = [
            (
                row["from_opd_code"],
                f"{row['dataset_id']} {row['dataset_name']}",
                row["to_opd_code"],
                f"{row['application_id']} {row['application_name']}",
                "ya" if row["is_through_link_system"] else "tidak",
            )
            for row in shown
        ]
        table(f"{names[code]}: data yang dipakai OPD lain", ("Dari", "Data", "Ke", "Aplikasi", "SPLP"), lines)
        tell_left(left)
        if islands := [row["from_opd_code"] for row in found if row["is_island"]]:
            named = ", ".join(islands) if everything else _some(islands)
            told = f"Belum berbagi data dengan OPD lain: {len(islands)} OPD ({named})."
            console.print(safe(told), soft_wrap=True)
    if not rows:
        console.print("Belum ada aplikasi atau data yang tercatat.")


@inventory_app.command()
def changes(
    night: Annotated[str | None, typer.Option(help="Only this night, YYYY-MM-DD.")] = None,
    since: Annotated[
        str | None, typer.Option(help=f"From this night on, YYYY-MM-DD. Default: the last {DAYS} nights.")
    ] = None,
    opd: Opd = None,
    everything: Everything = False,
    institution: Institution = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show what became new, changed, was handed over, came back or is listed no more, night by night.

    Example: spbe-etl inventory changes --since 2026-11-01
    """
    if night is not None and since is not None:
        raise ConfigurationError("Give --night for one night or --since for all from one on, not both.")
    only = read_day(night, "--night")
    settings = settings_with(data_dir=data_dir)
    first = only or read_day(since, "--since")
    rows = ask(settings, "inventory_change", institution=institution, opd=opd, since=first, until=only, days=DAYS)
    if as_json:
        show_json(rows)
        return
    names = names_of(settings)
    for (code, on), group in groupby(rows, key=itemgetter("institution_code", "snapshot_on")):
        _show_night(f"{names[code]}, malam {on}", list(group), everything)
    if not rows:
        console.print("Tidak ada perubahan inventaris untuk pilihan ini.")


def _show_night(title: str, rows: Sequence[Mapping[str, Any]], everything: bool) -> None:
    kinds = words("change_kind")
    count = {name: sum(row["change_kind"] == kind for row in rows) for kind, name in kinds.items()}
    shown, left = sifted(rows, everything)
    lines = [
        (
            owner_of(row),
            row["worksheet"],
            f"{row['object_id']} {row['object_name']}",
            kinds[row["change_kind"]] + (f": {row['changed_fields']}" if row["changed_fields"] else ""),
        )
        for row in shown
    ]
    told = ", ".join(f"{many} {name}" for name, many in count.items() if many)
    table(f"{title}: {told}", ("OPD", "Lembar", "Objek", "Perubahan"), lines)
    tell_left(left)


def owner_of(row: Mapping[str, Any]) -> str:
    """Whose an object is, and in whose workbook it stands where that's another's."""
    listed_by = row["listed_by_opd_code"]
    return str(row["opd_code"]) if listed_by == row["opd_code"] else f"{row['opd_code']} (dari {listed_by})"


@inventory_app.command()
def codes(
    unknown: Annotated[bool, typer.Option("--unknown", help="Only codes that their list doesn't know.")] = False,
    everything: Everything = False,
    institution: Institution = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show the reference codes in use (levels 1-2), and whether a list of codes that was added knows them.

    A list is a CSV with the columns kode and nama: reference/RAB.csv, RAL.csv, ... in the data directory.

    Example: spbe-etl inventory codes --unknown
    """
    settings = settings_with(data_dir=data_dir)
    rows = ask(settings, "inventory_code", institution=institution, unknown=unknown)
    if as_json:
        show_json(rows)
        return
    names = names_of(settings)
    for code, group in groupby(rows, key=itemgetter("institution_code")):
        shown, left = sifted(list(group), everything)
        lines = [
            (row["code"], row["code_name"] or "-", row["object_count"], row["opd_count"], _known(row["is_known"]))
            for row in shown
        ]
        title = f"{names[code]}: kode referensi yang dipakai"
        table(title, ("Kode", "Nama menurut daftar", "Objek", "OPD", "Dikenal"), lines, right=(2, 3))
        tell_left(left)
    if not rows:
        console.print("Tidak ada kode yang tidak dikenal daftarnya." if unknown else "Belum ada kode referensi.")
    lists = {path.stem: len(found) for path, found in read_code_lists(settings.reference_dir).items()}
    for name, count in lists.items():
        console.print(f"Daftar {safe(name)}: {count} kode.")
    if lacking := [name for name in list_names() if name not in lists and name != ROADMAP_LIST]:
        console.print(
            f"Belum ada daftar untuk {', '.join(lacking)}. Taruh sebagai CSV (kolom kode,nama) di "
            f"{safe(settings.reference_dir)}, misalnya {lacking[0]}.csv; berlaku mulai malam berikutnya.",
            soft_wrap=True,
        )


def _known(is_known: bool | None) -> str:
    return {True: "ya", False: "tidak", None: "-"}[is_known]


@inventory_app.command(name="list")
def list_(
    of: Annotated[
        str, typer.Argument(metavar="TABLE", help=f"One of {', '.join(listed_tables())}; or its worksheet's name.")
    ],
    opd: Opd = None,
    as_of: AsOf = None,
    everything: Everything = False,
    institution: Institution = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List the objects of one inventory, also as they were on an earlier night.

    Example: spbe-etl inventory list application --opd DISDIK --as-of 2026-11-01
    """
    chosen = _table_named(of)
    day = read_day(as_of, "--as-of") or date.max
    settings = settings_with(data_dir=data_dir)
    statement = filled("ask/inventory_list", table=chosen)
    rows = ask_statement(settings, statement, institution=institution, opd=opd, as_of=day)
    if as_json:
        show_json(rows)
        return
    names, others = names_of(settings), OTHER_COLUMNS.get(chosen, {})
    for code, group in groupby(rows, key=itemgetter("institution_code")):
        shown, left = sifted(list(group), everything)
        lines = [
            (
                owner_of(row),
                row["object_id"],
                row["object_name"],
                *(_spelled(name, row[name]) for name in others.values()),
                {True: "ya", False: "belum", None: "-"}[row["is_complete"]],
                row["valid_from"],
                row["cell"],
            )
            for row in shown
        ]
        columns = ("OPD", "ID", "Nama", *others, "Lengkap", "Sejak", "Sel")
        table(f"{names[code]}: {listed_tables()[chosen]}, {len(shown) + left} objek", columns, lines)
        tell_left(left)
    if not rows:
        console.print(f"Tidak ada objek pada lembar {listed_tables()[chosen]} untuk pilihan ini.")


def _table_named(text: str) -> str:
    by_name = {loosen(worksheet): name for name, worksheet in listed_tables().items()}
    known = by_name | {loosen(name): name for name in listed_tables()}
    if loosen(text) not in known:
        raise ConfigurationError(f"{text}: no inventory. Choose one of {', '.join(listed_tables())}.")
    return known[loosen(text)]


def _spelled(column: str, value: object) -> object:
    """What a cell said, a code by its first spelling."""
    if column != "status" or value is None:
        return value or "-"
    spelled = (
        row["spelling"] for row in seed("spelling") if row["reader"] == "initiative_status" and row["value"] == value
    )
    return next(spelled, value)
