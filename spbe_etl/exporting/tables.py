"""Published tables, row by row: as CSV files, or as worksheets with what each column means."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook

from spbe_etl.errors import ConfigurationError
from spbe_etl.exporting.sheets import FORMULA_STARTS, LOOKS_BY_TYPE, PLAIN, add_table, words
from spbe_etl.folders import make_folder
from spbe_etl.publishing import Publication
from spbe_etl.warehouse import mart_columns, mart_tables

MOST_ROWS = 1_048_576
"""Of a worksheet, its header included."""
LONGEST_TITLE = 31


def export_csv(publication: Publication, folder: Path, institution: str | None, year: int | None) -> list[Path]:
    """One CSV file per published table."""
    make_folder(folder)
    paths = []
    for table in mart_tables():
        path = folder / f"{table}.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(_names(table))
            rows = _rows(publication, table, institution, year)
            writer.writerows([_csv_value(value) for value in row] for row in rows)
        paths.append(path)
    return paths


def check_lengths(publication: Publication, institution: str | None, year: int | None) -> None:
    """Raise ConfigurationError where a table has more rows than a worksheet: none is ever cut."""
    for table in mart_tables():
        source, parameters = _source(table, institution, year)
        ((count,),) = publication.stream(f"SELECT count(*) {source}", parameters)
        if count >= MOST_ROWS:
            raise ConfigurationError(
                f"mart.{table} has {count} rows, more than a worksheet holds ({MOST_ROWS - 1}). "
                f"Choose less by --institution CODE or --year YEAR, or write CSV: spbe-etl export without --xlsx"
            )


def add_tables(publication: Publication, book: Workbook, institution: str | None, year: int | None) -> None:
    """A worksheet for each published table."""
    for table in mart_tables():
        rows = _rows(publication, table, institution, year)
        looks = [LOOKS_BY_TYPE[column["column_type"]] for column in mart_columns(table)]
        add_table(book, table[:LONGEST_TITLE], _names(table), rows, looks)


def add_columns(book: Workbook) -> None:
    """The worksheet that says what each column of each table means."""
    header = [words()[f"column_{name}"] for name in ("table", "about", "column", "type", "comment")]
    rows = [
        (table, about["comment"], column["column_name"], column["column_type"], column["comment"])
        for table, about in mart_tables().items()
        for column in mart_columns(table)
    ]
    add_table(book, words()["columns"], header, rows, [PLAIN] * len(header))


def _names(table: str) -> list[str]:
    return [column["column_name"] for column in mart_columns(table)]


def _source(table: str, institution: str | None, year: int | None) -> tuple[str, dict[str, object]]:
    """Where rows come from: a table's of the institution and year asked for, as far as it has these columns."""
    wanted: dict[str, object] = {"institution_code": institution, "year": year}
    given = {name: value for name, value in wanted.items() if value is not None and name in _names(table)}
    limit = " AND ".join(["true", *(f"{name} = ${name}" for name in given)])
    return f"FROM mart.{table} WHERE {limit}", given


def _rows(
    publication: Publication, table: str, institution: str | None, year: int | None
) -> Iterator[tuple[object, ...]]:
    source, parameters = _source(table, institution, year)
    return publication.stream(f"SELECT {', '.join(_names(table))} {source} ORDER BY ALL", parameters)


def _csv_value(value: object) -> object:
    """Text that a spreadsheet would run as a formula gets an apostrophe."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
