"""All published tables in one workbook for people who live in Excel: summary, charts, tables, what columns mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from spbe_etl.exporting.charts import add_charts
from spbe_etl.exporting.sheets import HEADER, HEADING, NOTE, TITLE, Sheet, empty_stream, save, words
from spbe_etl.exporting.shown import headers, looks_of, spoken
from spbe_etl.exporting.tables import add_columns, add_tables, check_lengths
from spbe_etl.publishing import Publication
from spbe_etl.resources import seed
from spbe_etl.warehouse import sql

STANDING = ("institution_code", "institution_name", "year", "stage", "index_value", "predicate", "target_index",
            "gap_to_target", "coverage_pct", "snapshot_on", "instrument_code")  # fmt: skip
STEP = ("institution_code", "indicator_name", "year", "step_no", "indicator_no", "from_score", "to_score", "points",
        "index_after", "opd_code", "opd_name")  # fmt: skip
NEXT_STEPS = 5
MOST_CHARTED = 10
"""Institutions with charts where none is chosen: more make a workbook that nobody pages through."""
WIDTHS = (12, 52, 10, 16, 14, 14, 14, 16, 18, 16, 48)


def export_xlsx(publication: Publication, path: Path, institution: str | None, year: int | None) -> Path:
    """Write the workbook. Raises ConfigurationError where a table is longer than a worksheet can be."""
    check_lengths(publication, institution, year)
    stages = [row["stage"] for row in seed("stage")]
    standings = publication.rows(sql("export/standing"), {"institution": institution, "year": year, "stages": stages})
    charted = standings[:MOST_CHARTED]
    note = None
    if len(charted) < len(standings):
        note = words()["charted_some"].format(shown=len(charted), all=len(standings))
    steps = publication.rows(sql("export/step"), {"institution": institution, "year": year, "most": NEXT_STEPS})
    book = empty_stream()
    _add_summary(Sheet(book, words()["summary"], WIDTHS), standings, steps, note)
    add_charts(publication, book, charted, year, note)
    add_tables(publication, book, institution, year)
    add_columns(book)
    return save(book, path)


def _add_summary(sheet: Sheet, standings: list[dict[str, Any]], steps: list[dict[str, Any]], note: str | None) -> None:
    """One row per institution, and below it the first steps of each path."""
    sheet.add([words()["summary_heading"]], TITLE)
    sheet.add([words()["summary_note"]], NOTE)
    sheet.add([note], NOTE)
    sheet.skip()
    _add_rows(sheet, STANDING, standings, "no_rows")
    sheet.skip()
    sheet.add([words()["steps_heading"]], HEADING)
    _add_rows(sheet, STEP, steps, "no_steps")


def _add_rows(sheet: Sheet, columns: tuple[str, ...], rows: list[dict[str, Any]], nothing: str) -> None:
    if not rows:
        sheet.add([words()[nothing]])
        return
    sheet.add(headers(columns), HEADER)
    for row in rows:
        sheet.add(spoken(row, columns), looks_of(columns))
