"""docs/figures.md: every example is what the query says, and every published table is spoken of."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from conftest import Mart, Nights, ask_command, standing_at

from spbe_etl.analysis import ANALYSED
from spbe_etl.sample import write_sample

PAGE = (Path(__file__).parents[1] / "docs" / "figures.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```sql( nights)?\n(.*?)```\n\n((?:\|[^\n]*\n)+)", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def sample(module_run: Nights, tmp_path_factory: pytest.TempPathFactory) -> Mart:
    folder = tmp_path_factory.mktemp("sample")
    (content,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    (folder / "portal.json").write_text(content, encoding="utf-8")
    ask_command(module_run, "import", str(folder / "portal.json"))
    write_sample(folder / "sample")
    return module_run(folder / "sample", night=date(2026, 8, 1), now=datetime(2026, 8, 1, 12, tzinfo=UTC)).mart


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Mart:
    """All at 2; from the second night on each raises one more indicator by a level."""
    run = Nights(tmp_path_factory.mktemp("nights"))
    for raised in range(14):
        now = datetime(2025, 9, 1, 12, tzinfo=UTC) + timedelta(raised)
        mart = run(standing_at(2, raised, [(2025, "2,63", None)]), night=now.date(), now=now).mart
    return mart


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_is_what_its_query_says(sample: Mart, nights: Mart, number: int) -> None:
    kind, query, shown = EXAMPLES[number]
    found = (nights if kind else sample).connection.execute(query)
    header, _, *rows = (cells(line) for line in shown.splitlines())
    assert header == [column[0] for column in found.description]
    assert rows == [["" if value is None else str(value) for value in row] for row in found.fetchall()]


def test_every_table_of_the_analysis_is_explained() -> None:
    assert len(EXAMPLES) >= 14
    headings = " ".join(re.findall(r"^## .*$", PAGE, re.MULTILINE))
    assert [table for table in ANALYSED if f"`{table}`" not in headings] == []
    for section in PAGE.split("\n## ")[1:]:
        for word in ("**Formula.**", "**Source.**", "**It does not mean**", "```sql"):
            assert word in section, section.splitlines()[0]
