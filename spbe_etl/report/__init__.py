"""What people look at: one HTML file per institution, a page per OPD, an overview; from the published tables only.

Every page stands alone: no network, no server, nothing outside the file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from jinja2 import TemplateError

from spbe_etl.errors import ConfigurationError, PublicationError, SpbeError
from spbe_etl.manifest import DATABASE
from spbe_etl.publishing import Publication, open_publication
from spbe_etl.report.facts import Facts, Row, gather, institutions, standings
from spbe_etl.report.overview import overview
from spbe_etl.report.pages import INDEX, institution_pages, overview_page
from spbe_etl.report.words import LANGUAGES, Speech, file_name
from spbe_etl.versions import REPORT, UNFINISHED, clear_leftovers, current_version, place_report, prepare

__all__ = ["INDEX", "LANGUAGES", "Built", "build_report", "publish_report", "report_published"]

FEW = 4
"""Up to so many institutions one process is quicker than starting several."""
AT_ONCE = 8
Standings = tuple[Row, Sequence[Row]]
"""An institution, and where it stands by year and stage."""


@dataclass(frozen=True)
class Built:
    """What was written: the overview, the institutions' reports by code, how many files in all."""

    overview: Path
    reports: Mapping[str, Path]
    file_count: int


def publish_report(folder: Path, language: str) -> Built:
    """Write the report of the version that others read now, and have them open it. Call it holding the lock.

    Raises as `build_report` does; the report that was there before stays.
    """
    version = current_version(folder)
    if version is None:
        raise ConfigurationError(f"Nothing is published in {folder} yet. Run first: spbe-etl run --source DIR")
    private = folder / f"{UNFINISHED}{REPORT}-{version}"
    try:
        prepare(folder)
        built = build_report(folder / DATABASE, private, language)
        place_report(folder, version, private)
    except OSError as error:
        raise PublicationError(f"the report can't be put in place in {folder}: {error}") from error
    finally:
        clear_leftovers(folder)
    place = folder / REPORT
    reports = {code: place / path.relative_to(private) for code, path in built.reports.items()}
    return Built(place / INDEX, reports, built.file_count)


def report_published(folder: Path, language: str) -> list[str]:
    """The report of what was just published, unless none is wanted: what's published stays so, whatever becomes of it.

    Gives what to tell (Bahasa) where it can't be written.
    """
    try:
        if language:
            publish_report(folder, language)
    except SpbeError as error:
        return [f"Laporan malam ini belum jadi. Perbaiki sebabnya, lalu jalankan spbe-etl report: {error}"]
    return []


def build_report(published: Path, folder: Path, language: str = LANGUAGES[0], code: str | None = None) -> Built:
    """Write the report of what's published, of all institutions or one, into a folder.

    Raises ConfigurationError where nothing can be read, PublicationError where nothing can be written.
    """
    if language not in LANGUAGES:
        raise ConfigurationError(f"--language {language}: unknown. Choose one of {', '.join(LANGUAGES)}.")
    say = Speech(language)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with open_publication(published) as publication:
            told = institutions(publication, code)
            stand = standings(publication, code)
            page = overview_page(overview(told, stand, say), say)
            both = [(one, stand[one["institution_code"]]) for one in told if one["institution_code"] in stand]
            if len(both) <= FEW:
                counts = _write_part(publication, folder, language, both)
        if len(both) > FEW:
            counts = _in_parallel(published.resolve(), folder, language, both)
        (folder / INDEX).write_text(page, encoding="utf-8")
    except (OSError, ValueError, TemplateError, BrokenProcessPool) as error:
        raise PublicationError(f"the report can't be written to {folder}: {error}") from error
    reports = {one["institution_code"]: folder / file_name(one["institution_code"]) / INDEX for one, _ in both}
    return Built(folder / INDEX, reports, 1 + sum(counts))


def _in_parallel(published: Path, folder: Path, language: str, told: Sequence[Standings]) -> list[int]:
    """The same in several processes, each with the version open once for the institutions it's given."""
    workers = min(os.cpu_count() or 1, AT_ONCE, len(told))
    size = -(-len(told) // (4 * workers))
    parts = [told[start : start + size] for start in range(0, len(told), size)]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        counted = pool.map(partial(_open_and_write, published, folder, language), parts)
        return [count for part in counted for count in part]


def _open_and_write(published: Path, folder: Path, language: str, told: Sequence[Standings]) -> list[int]:
    with open_publication(published) as publication:
        return _write_part(publication, folder, language, told)


def _write_part(publication: Publication, folder: Path, language: str, told: Sequence[Standings]) -> list[int]:
    """Institutions' pages; how many of each."""
    say = Speech(language)
    return [_write_pages(gather(publication, one, stand), folder, say) for one, stand in told]


def _write_pages(facts: Facts, folder: Path, say: Speech) -> int:
    institution = facts.institution
    own = folder / file_name(institution["institution_code"])
    (own / "opd").mkdir(parents=True, exist_ok=True)
    count = 0
    for place, text in institution_pages(facts, say):
        (own / place).write_text(text, encoding="utf-8", errors="replace")
        count += 1
    return count
