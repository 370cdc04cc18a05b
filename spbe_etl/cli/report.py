"""`report`: what people look at, made again or elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spbe_etl.cli.ask import known_code
from spbe_etl.cli.options import AsJson, DataDir, Institution, settings_with
from spbe_etl.cli.output import console, progress, safe, show_json
from spbe_etl.composition import hold_lock
from spbe_etl.publishing import open_publication

ELSEWHERE = Path("report")


def report(
    institution: Institution = None,
    language: Annotated[str | None, typer.Option(help="id or en. Default: SPBE_REPORT, else id.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write it here. Default: where every night publishes it.")
    ] = None,
    pdf: Annotated[
        bool, typer.Option("--pdf", help="An A4 PDF beside each institution's page; needs Chromium.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make the HTML report of what's published: a page per institution and per OPD, and an overview.

    Every night makes it; this makes it again, in another language, of one institution (into ./report unless --out says
    where), or as PDF.

    Example: spbe-etl report --institution 73.01 --language en --out laporan
    """
    from spbe_etl.report import LANGUAGES, build_report, publish_report
    from spbe_etl.report.printing import find_chromium, print_pdf

    settings = settings_with(data_dir=data_dir)
    browser = find_chromium() if pdf else None
    chosen = language or settings.report or LANGUAGES[0]
    with open_publication(settings.published_path) as publication:
        code = known_code(publication, "institution", institution)
    with progress(hidden=as_json):
        if out is None and code is None:
            with hold_lock(settings):
                built = publish_report(settings.published_dir, chosen)
        else:
            built = build_report(settings.published_path, out or ELSEWHERE, chosen, code)
        pdfs = [print_pdf(browser, page) for page in built.reports.values()] if browser else []
    if as_json:
        told = {code: str(page) for code, page in built.reports.items()}
        show_json(
            {
                "overview": str(built.overview),
                "reports": told,
                "pdf": [str(path) for path in pdfs],
                "files": built.file_count,
            }
        )
        return
    console.print(f"{built.file_count} halaman ditulis. Buka: {safe(built.overview)}", soft_wrap=True)
    for path in [*built.reports.values(), *pdfs][:20]:
        console.print(f"  {safe(path)}", soft_wrap=True)
