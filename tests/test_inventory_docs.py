"""docs/inventory.md: its district, put together from its tables, gives the facts that it tells."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import FOUR_OPD, District, Mart, Nights, Row, answer, penilaian

from spbe_etl.inventory.tables import listed_tables

PAGE = (Path(__file__).parents[1] / "docs" / "inventory.md").read_text(encoding="utf-8")
CLAIMS = {13: 3, 15: 2, 16: 3, 17: 3, 18: 3}


def rows_of(table: str) -> list[list[str]]:
    lines = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in table.strip().splitlines()]
    return [lines[0], *lines[2:]]


@pytest.fixture(scope="module")
def mart(module_run: Nights) -> Mart:
    books = {name: penilaian() for name in "abcx"}
    books["a"] = penilaian(*(answer(2025, no, score) for no, score in CLAIMS.items()))
    sheets = re.findall(r"^OPD (\w), `([^`]+)`\n\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert len(sheets) == 7
    for opd_code, worksheet, table in sheets:
        rows: list[Row] = [[cell or None for cell in row] for row in rows_of(table)]
        books[opd_code.lower()][worksheet] = rows
    carriers = [("spbe-2020", no, "A", None) for no in CLAIMS]
    return module_run(District(opd=FOUR_OPD, carriers=carriers, books=books)).mart


def test_the_facts_are_those_it_tells(mart: Mart) -> None:
    ((query, table),) = re.findall(r"```sql\n(SELECT[^`]*)```\n\n((?:\|[^\n]*\n)+)", PAGE)
    header, *expected = rows_of(table)
    found = mart.connection.execute(query)
    assert header == [column[0] for column in found.description or ()]
    assert [[str(value) for value in row] for row in found.fetchall()] == expected


def test_no_fact_changes_a_score(mart: Mart) -> None:
    scores = mart.rows("SELECT indicator_no, score FROM mart.indicator_snapshot WHERE is_answered ORDER BY ALL")
    assert {int(row["indicator_no"]): int(row["score"]) for row in scores} == CLAIMS


def test_every_table_and_seed_it_names_is_there() -> None:
    for table in re.findall(r"`mart\.(\w+)`", PAGE):
        assert (
            table in {*listed_tables()} or (Path(__file__).parents[1] / "warehouse/mart" / f"{table}.sql").exists()
        ), table
    for name in re.findall(r"`(?:warehouse/)?seeds/(\w+\.csv)`", PAGE):
        assert (Path(__file__).parents[1] / "warehouse/seeds" / name).exists(), name
