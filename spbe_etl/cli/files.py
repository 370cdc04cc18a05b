"""Commands that write files for people: template, sample, export.

They import their writers when called: a night doesn't pay for them.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from spbe_etl.cli.ask import known_code
from spbe_etl.cli.options import AsJson, DataDir, Institution, outside, settings_with
from spbe_etl.cli.output import console, progress, safe, show_json, table
from spbe_etl.composition import open_google
from spbe_etl.errors import DONE, PUBLISHED_WITH_UNREAD, ConfigurationError
from spbe_etl.google.credentials import CREATE_SCOPES
from spbe_etl.instruments import Instrument, load_instruments
from spbe_etl.publishing import Publication, open_publication
from spbe_etl.references import spreadsheet_id
from spbe_etl.registers import opd_rows

LAST_YEAR = 9999
"""The last year that a cell can name."""


def sample(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write it; an earlier sample is replaced.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same sample.")] = 7301,
    as_json: AsJson = False,
) -> None:
    """Write a synthetic Kabupaten Kepulauan Selayar, and the real results of Kota Bandar Lampung beside it.

    Example: spbe-etl sample var/sample
    """
    from spbe_etl.sample import write_sample

    _tell(write_sample(folder, seed), folder, f"spbe-etl run --source {folder}", as_json)


def template(
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="Where to write the workbooks.")] = None,
    google: Annotated[
        bool,
        typer.Option("--google", help="Make Google spreadsheets for the register's OPD, in SPBE_GOOGLE_FOLDER."),
    ] = False,
    instrument: Annotated[str | None, typer.Option(help="Instrument code. Default: the year's.")] = None,
    year: Annotated[int | None, typer.Option(help="Evaluation year. Default: this year.")] = None,
    opd: Annotated[list[str] | None, typer.Option(help="An OPD as CODE=NAME; once for each OPD.")] = None,
    register: Annotated[Path | None, typer.Option(help="A register.xlsx to take the OPD from.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write empty workbooks to hand to OPD, and a register; or make them as Google spreadsheets.

    Example: spbe-etl template templat --year 2026 --opd "DISDIK=Dinas Pendidikan" --opd "DINKES=Dinas Kesehatan"

    Example: spbe-etl template --google --year 2026
    """
    from spbe_etl.sources.folder import read_workbook
    from spbe_etl.templates import write_templates

    if google:
        _create(_instrument(instrument, year or datetime.now(UTC).year), year or datetime.now(UTC).year, as_json)
        return
    if folder is None:
        raise ConfigurationError("Give a folder to write into: spbe-etl template DIR; or --google.")
    named = [_code_and_name(text) for text in opd or []]
    if len({code.upper() for code, _ in named}) < len(named):
        raise ConfigurationError("--opd: a code stands twice (case doesn't matter).")
    if register is not None:
        named += [(row.opd_code, row.opd_name) for row in opd_rows(read_workbook(_existing(register)))]
    chosen_year = year or datetime.now(UTC).year
    paths = write_templates(folder, _instrument(instrument, chosen_year), chosen_year, named)
    _tell(paths, folder, f"isi register.xlsx, bagikan berkas OPD, lalu spbe-etl run --source {folder}", as_json)


def _create(instrument: Instrument, year: int, as_json: bool) -> None:
    """Spreadsheets for the OPD that have none; exit 10 when one couldn't be made."""
    from spbe_etl.creating import create_spreadsheets

    settings = settings_with()
    register_id, folder_id = spreadsheet_id(settings.google_register), spreadsheet_id(settings.google_folder)
    if register_id is None or folder_id is None:
        raise ConfigurationError(
            "Set SPBE_GOOGLE_REGISTER to one register's spreadsheet, SPBE_GOOGLE_FOLDER to a folder on a shared drive."
        )
    with progress(hidden=as_json):
        created = create_spreadsheets(
            open_google(settings, CREATE_SCOPES, outside()), register_id, folder_id, instrument, year
        )
    if as_json:
        show_json({"created": created.addresses, "failed": [asdict(one) for one in created.failed]})
    else:
        table("Spreadsheet baru", ("OPD", "Alamat"), sorted(created.addresses.items()))
        table_of = [(one.opd_code, one.reason) for one in created.failed]
        if table_of:
            table("Belum dapat dibuat; jalankan lagi perintah ini setelah diperbaiki", ("OPD", "Sebab"), table_of)
        console.print("Bagikan folder itu kepada akun pembaca (Pelihat), lalu: spbe-etl doctor --source google")
    raise typer.Exit(PUBLISHED_WITH_UNREAD if created.failed else DONE)


def export(
    folder: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write the files.")] = Path("export"),
    xlsx: Annotated[bool, typer.Option("--xlsx", help="All tables in one workbook instead of CSV files.")] = False,
    assessor: Annotated[
        bool, typer.Option("--assessor", help="Proposed scores with evidence, and a Verifikasi sheet to fill in.")
    ] = False,
    year: Annotated[int | None, typer.Option(help="Only this year. Default: all; --assessor: the latest.")] = None,
    institution: Institution = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Write published tables as files.

    Example: spbe-etl export --assessor --institution 73.01 --year 2025
    """
    from spbe_etl.exporting import export_assessor, export_csv, export_xlsx

    with open_publication(settings_with(data_dir=data_dir).published_path) as publication:
        institution = known_code(publication, "institution", institution)
        _check_year(publication, year)
        if assessor:
            paths = [export_assessor(publication, folder, institution, year)]
        elif xlsx:
            paths = [export_xlsx(publication, folder / "spbe.xlsx", institution, year)]
        else:
            paths = export_csv(publication, folder, institution, year)
    _tell(paths, folder, "", as_json)


def _check_year(publication: Publication, year: int | None) -> None:
    """An empty file must not take the place of a full one."""
    known = [row["year"] for row in publication.rows("SELECT DISTINCT year FROM mart.index_snapshot ORDER BY year")]
    if year is not None and year not in known:
        raise ConfigurationError(f"--year {year}: nothing is published. Choose one of {', '.join(map(str, known))}.")


def _tell(paths: list[Path], folder: Path, then: str, as_json: bool) -> None:
    if as_json:
        show_json({"folder": str(folder), "files": [str(path) for path in paths]})
        return
    console.print(f"{len(paths)} berkas ditulis di {safe(folder)}")
    if then:
        console.print(f"Selanjutnya: {safe(then)}")


def _instrument(code: str | None, year: int) -> Instrument:
    instruments = load_instruments()
    if code is None:
        found = next((one for one in instruments.values() if one.covers(year) and year <= LAST_YEAR), None)
        if found is None:
            first = min(one.first_year for one in instruments.values())
            raise ConfigurationError(f"--year {year}: no instrument covers it. The first year is {first}.")
        return found
    if code not in instruments:
        raise ConfigurationError(f"--instrument {code}: unknown. Choose one of {', '.join(instruments)}.")
    return instruments[code]


def _code_and_name(text: str) -> tuple[str, str]:
    code, separator, name = text.partition("=")
    if not (separator and code.strip() and name.strip()):
        raise ConfigurationError(f"--opd {text}: write it as CODE=NAME, for example DISDIK=Dinas Pendidikan.")
    return code.strip(), name.strip()


def _existing(path: Path) -> Path:
    if not path.exists():
        raise ConfigurationError(f"{path} does not exist.")
    return path
