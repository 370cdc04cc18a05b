"""Commands that read what's published: index, rejections, blockers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Annotated, Any

import typer

from spbe_etl.cells import loosen
from spbe_etl.cli.options import AsJson, AsOf, DataDir, Institution, Stage, Year, check_stage, read_day, settings_with
from spbe_etl.cli.output import STAGE_NAMES, console, pick, safe, show_json, table
from spbe_etl.display import number
from spbe_etl.errors import ConfigurationError
from spbe_etl.publishing import Publication, open_publication
from spbe_etl.settings import Settings
from spbe_etl.warehouse import sql
from spbe_etl.workbooks import known_worksheets

INDEX_KEYS = ("institution_code", "year", "stage", "snapshot_on", "instrument_code", "index_value", "index_exact",
              "predicate", "coverage_pct")  # fmt: skip


def ask(settings: Settings, name: str, **parameters: object) -> list[dict[str, Any]]:
    """Rows of the query `warehouse/ask/<name>.sql` on what's published."""
    return ask_statement(settings, sql(f"ask/{name}"), **parameters)


def ask_statement(settings: Settings, statement: str, **parameters: object) -> list[dict[str, Any]]:
    """Rows of a query on what's published; codes of institution and OPD are looked up first."""
    with open_publication(settings.published_path) as publication:
        chosen = {
            one: known_code(publication, one, parameters[one]) for one in ("institution", "opd") if one in parameters
        }
        return publication.rows(statement, parameters | chosen)


def known_code(publication: Publication, name: str, code: object) -> str | None:
    """A code as the register writes it; a mistyped one must not pass for "nothing to mend"."""
    if code is None:
        return None
    known = {row["code"].upper(): row["code"] for row in publication.rows(sql(f"ask/known_{name}"))}
    if str(code).upper() not in known:
        raise ConfigurationError(f"--{name} {code}: unknown. Choose one of {', '.join(known.values()) or '(none)'}.")
    return str(known[str(code).upper()])


def known_worksheet(text: str) -> str:
    """A worksheet as the contract names it; a mistyped one must not pass for "nothing to mend"."""
    known = {**known_worksheets("register"), **known_worksheets("opd")}
    if loosen(text) not in known:
        raise ConfigurationError(f"--worksheet {text}: unknown. Choose one of {', '.join(known.values())}.")
    return known[loosen(text)]


def ask_standings(
    settings: Settings, name: str, institution: str | None, year: int | None, stage: str | None
) -> list[dict[str, Any]]:
    """Where each institution stands by a query that chooses a year and stage for it; raises where there's none."""
    check_stage(stage)
    rows = ask(settings, name, institution=institution, year=year, stage=stage, stages=list(STAGE_NAMES))
    if not rows:
        raise ConfigurationError("No index is published for this choice. See which there are: spbe-etl index")
    return rows


def stage_title(row: dict[str, Any]) -> str:
    """The institution, year and stage of a row, for a table's title."""
    return f"{row['institution_name'] or row['institution_code']}, {row['year']}, {STAGE_NAMES[row['stage']]}"


def standing_name(row: dict[str, Any]) -> str:
    """The institution, year and stage of a standing, for a heading."""
    name = f"{row['institution_name'] or row['institution_code']} ({row['institution_code']})"
    return f"[bold]{safe(name)}, {row['year']}, {STAGE_NAMES[row['stage']]}[/]"


def show_answers(answers: list[dict[str, Any]]) -> None:
    """Print as JSON what was found: one institution's by itself, several as a list."""
    show_json(answers[0] if len(answers) == 1 else answers)


def index(
    year: Year = None,
    stage: Stage = None,
    as_of: AsOf = None,
    institution: Institution = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show the index with domains and aspects.

    Example: spbe-etl index --year 2025 --stage proposed
    """
    check_stage(stage)
    settings = settings_with(data_dir=data_dir)
    day = read_day(as_of, "--as-of") or date.max
    rows = ask(settings, "index", as_of=day, institution=institution, year=year, stage=stage, stages=list(STAGE_NAMES))
    if as_json:
        show_json([_index_row(row) for row in rows])
        return
    _show_index_tables(rows)
    for row in rows:
        parts = [
            (f"{word} {one[f'{part}_no']}", one[f"{part}_name"], number(one[f"{part}_value"]))
            for word, part in (("Domain", "domain"), ("Aspek", "aspect"))
            for one in row[f"{part}s"]
        ]
        table(stage_title(row), ("Bagian", "Nama", "Nilai"), parts, right=(2,))


def show_indices(settings: Settings) -> None:
    """The index of every institution, year and stage, latest night."""
    everything = {"as_of": date.max, "institution": None, "year": None, "stage": None, "stages": list(STAGE_NAMES)}
    _show_index_tables(ask(settings, "index", **everything))


def _index_row(row: dict[str, Any]) -> dict[str, Any]:
    domains = [pick(one, "domain_no", "domain_value") for one in row["domains"]]
    aspects = [pick(one, "aspect_no", "aspect_value") for one in row["aspects"]]
    return pick(row, *INDEX_KEYS) | {"domains": domains, "aspects": aspects}


def _show_index_tables(rows: list[dict[str, Any]]) -> None:
    if not rows:
        console.print("Belum ada indeks untuk pilihan ini.")
    for code, group in groupby(rows, key=lambda row: row["institution_code"]):
        found = list(group)
        lines = [
            (
                row["year"],
                STAGE_NAMES[row["stage"]],
                row["instrument_code"],
                number(row["index_value"]),
                row["predicate"],
                f"{number(row['coverage_pct'])}%",
                number(row["target_index"]),
                _gap(row["gap_to_target"]),
            )
            for row in found
        ]
        name = found[0]["institution_name"] or ""
        columns = ("Tahun", "Tahap", "Instrumen", "Indeks", "Predikat", "Cakupan", "Target", "Sisa")
        table(f"{name} ({code}), malam {found[0]['snapshot_on']}", columns, lines, right=(3, 5, 6, 7))
        if any(row["is_stale"] for row in found):
            console.print("Sebagian memakai data terakhir yang utuh; lihat: spbe-etl status")


def _gap(gap: Decimal | None) -> str:
    return "tercapai" if gap is not None and gap <= 0 else number(gap)


def rejections(
    opd: Annotated[str | None, typer.Option(help="Only this OPD, by its code. Default: all, the register too.")] = None,
    worksheet: Annotated[
        list[str] | None, typer.Option(help="Only findings of this worksheet, such as Aplikasi; repeatable.")
    ] = None,
    resolved: Annotated[bool, typer.Option("--resolved", help="Also findings that have been mended.")] = False,
    institution: Institution = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show rejected rows and warnings, each with its cell and what to do.

    Example: spbe-etl rejections --opd BPKAD

    Example: spbe-etl rejections --opd BPKAD --worksheet Aplikasi --worksheet Data
    """
    rows = ask(
        settings_with(data_dir=data_dir),
        "rejections",
        opd=opd,
        institution=institution,
        worksheets=[known_worksheet(name) for name in worksheet] if worksheet else None,
        resolved=resolved,
    )
    if as_json:
        show_json(rows)
        return
    for (code, opd_code, workbook), group in groupby(rows, key=itemgetter("institution_code", "opd_code", "workbook")):
        console.print(f"[bold]{safe(code)} {safe(opd_code or 'register')}[/] ({safe(workbook)})", soft_wrap=True)
        for row in group:
            mark = "[red]ditolak   [/]" if row["severity"] == "critical" else "[yellow]peringatan[/]"
            since = f"sejak {row['first_seen_on']}" + (f", selesai {row['resolved_on']}" if row["resolved_on"] else "")
            console.print(
                f"  {mark} {safe(row['worksheet'])}: {safe(row['message'])} [dim]({since})[/]", soft_wrap=True
            )
    rejected = sum(row["severity"] == "critical" for row in rows)
    console.print(f"{rejected} temuan membuat baris ditolak, {len(rows) - rejected} peringatan.")


def blockers(
    year: Year = None, institution: Institution = None, data_dir: DataDir = None, as_json: AsJson = False
) -> None:
    """Show which OPD hold a practice gate closed, and the points each would release.

    Example: spbe-etl blockers --year 2025
    """
    rows = ask(settings_with(data_dir=data_dir), "blockers", year=year, institution=institution)
    if as_json:
        show_json(rows)
        return
    for (code, found_year), group in groupby(rows, key=itemgetter("institution_code", "year")):
        lines = [
            (
                row["opd_code"],
                ", ".join(_gate(one) for one in row["indicators"]),
                number(row["points_carried"], 4),
                number(row["points_blocked"], 4),
                number(row["points_together"], 4),
            )
            for row in group
        ]
        title = f"{code}, {found_year}: OPD yang jawabannya menentukan gerbang, dan poin indeks yang terbuka"
        table(
            title,
            ("OPD", "Indikator (tingkat sekarang/gerbang)", "Diampu", "Sendiri", "Bersama"),
            lines,
            right=(2, 3, 4),
        )
    if rows:
        console.print("Diampu: poin dari indikator yang diampunya sekarang.")
        console.print("Sendiri: bila OPD ini saja naik. Bersama: bila semua OPD pada indikator itu naik.")
        console.print("Tanda - berarti belum menjawab.")
    else:
        console.print("Tidak ada OPD yang menahan gerbang.")


def _gate(one: dict[str, Any]) -> str:
    return f"{one['indicator_no']} ({number(one['opd_score'], 0)}/{one['gate_level']})"
