"""The workbook for Excel: every number is the published one, cells stay text, charts show ranges that hold numbers."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from conftest import FOUR_OPD, NIGHT, NOW, District, FakeSource, Mart, Nights, answer, penilaian
from listed import books, district
from openpyxl.utils import range_boundaries

from spbe_etl.errors import ConfigurationError
from spbe_etl.exporting import book as book_module
from spbe_etl.exporting import export_assessor, export_xlsx, tables
from spbe_etl.exporting.charts import SHEETS
from spbe_etl.exporting.sheets import (
    FORMULA_STARTS,
    LONGEST_CELL,
    PLAIN,
    add_table,
    empty_stream,
    plain_value,
    save,
    words,
)
from spbe_etl.exporting.shown import CODED
from spbe_etl.publishing import open_publication
from spbe_etl.warehouse import mart_columns, mart_tables

FORMULA = '=HYPERLINK("http://jahat.example.id";"klik")'
LONG = "panjang" * 6_000
HOSTILE = ("+cmd|' /C calc'!A0", "@SUM(1+1)", "\tTab", "-1+2", "#REF!", "Bunyi\x07 dan \uffff habis", LONG)
FORMATS = {"DECIMAL(4,2)": "0.00", "DECIMAL(5,2)": "0.00", "INTEGER": "0", "DATE": "yyyy-mm-dd"}
CHARTS = ("Grafik Indeks", "Grafik Domain dan Aspek", "Grafik Langkah", "Grafik OPD")


@dataclass(frozen=True)
class Exported:
    """A workbook, and the published tables that it was made from."""

    database: Path
    mart: Mart
    path: Path
    book: openpyxl.Workbook


@pytest.fixture(scope="module")
def exported(module_run: Nights, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """Two nights of two institutions, one of which has nothing but hostile names and texts."""
    carriers = [("spbe-2020", no, "A" if no < 40 else "B", None) for no in range(1, 48)]
    answers = [answer(2025, no, 2 + (no < 5)) for no in range(1, 40)]
    told = [(*answer(2025, no, 2)[:4], text, "https://bukti.example.id/1", None) for no, text in enumerate(HOSTILE, 40)]
    opd = [("A", FORMULA, "=1+1", "a", "Ya"), ("B", "@Dinas", "Dinas", "b", "Ya"), ("C", "Dinas", "Dinas", None, "Ya")]
    bad = District("73.01", FORMULA, opd=opd, carriers=carriers, targets=[(2025, "2,6", None)],
                   published=[(2023, FORMULA, "Indeks", "1,93", FORMULA)],
                   books={"a": penilaian(*answers), "b": penilaian(*told)})  # fmt: skip
    only_a = [(*row[:2], "A", None) for row in carriers]
    plain = District("18.71", "Kota", "Asia/Jakarta", FOUR_OPD[:1], only_a, books={"a": penilaian(*answers)})
    module_run(FakeSource([bad, plain]))
    bad.books["a"]["Penilaian"][1] = answer(2025, 1, 4)  # type: ignore[index]
    mart = module_run(FakeSource([bad, plain]), NIGHT + timedelta(days=1), NOW + timedelta(days=1)).mart
    path = tmp_path_factory.mktemp("export") / "spbe.xlsx"
    return Exported(module_run.settings.published_path, mart, path, write(module_run.settings.published_path, path))


def write(database: Path, path: Path, institution: str | None = None, year: int | None = None) -> openpyxl.Workbook:
    with open_publication(database) as publication:
        export_xlsx(publication, path, institution, year)
    return openpyxl.load_workbook(path)


def alike(value: object) -> str:
    """A published value, or what a workbook holds of it, in one spelling."""
    if isinstance(value, datetime):  # a workbook keeps thousandths
        return (value + timedelta(microseconds=500)).isoformat(timespec="milliseconds").removesuffix("T00:00:00.000")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return repr(float(value))
    return repr(plain_value(value) or None)


def lines_of(rows: Iterable[Iterable[object]]) -> list[list[str]]:
    return sorted([alike(value) for value in row] for row in rows)


@pytest.mark.parametrize("table", mart_tables())
def test_a_table_is_the_published_one(exported: Exported, table: str) -> None:
    sheet = exported.book[table[:31]]
    columns = mart_columns(table)
    published = exported.mart.rows(f"SELECT {', '.join(row['column_name'] for row in columns)} FROM mart.{table}")
    header, *rows = sheet.iter_rows()
    assert [cell.value for cell in header] == [row["column_name"] for row in columns]
    shown = lines_of([cell.value for cell in row] for row in rows)
    assert shown == lines_of(row.values() for row in published)
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", sheet.dimensions)
    for cell, column in ((one, column) for row in rows for one, column in zip(row, columns, strict=True)):
        if cell.value is not None:
            assert cell.number_format == FORMATS.get(column["column_type"], cell.number_format)
            assert (cell.data_type == "s") == (column["column_type"] == "VARCHAR")


def test_what_a_cell_holds_stays_text(exported: Exported) -> None:
    with zipfile.ZipFile(exported.path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    assert not [name for name, content in parts.items() if "worksheets/" in name and b"<f" in content]
    assert not [name for name, content in parts.items() if "_rels/" in name and b"External" in content]
    drawn = b"".join(content for name, content in parts.items() if "charts/" in name or name == "xl/workbook.xml")
    assert b"HYPERLINK" not in drawn
    assert b"Dinas" not in drawn
    cells = [cell for sheet in exported.book for row in sheet.iter_rows() for cell in row if cell.data_type == "s"]
    assert {FORMULA, "@Dinas", HOSTILE[0], HOSTILE[1], "Bunyi  dan   habis"} <= {cell.value for cell in cells}
    assert all(cell.quotePrefix for cell in cells if cell.value.startswith(FORMULA_STARTS))


def test_every_hostile_text_is_read_as_it_was_written(tmp_path: Path) -> None:
    book = empty_stream()
    add_table(book, "Uji", ["=A1"], [(text,) for text in (FORMULA, *HOSTILE)], [PLAIN])
    _, *cells = openpyxl.load_workbook(save(book, tmp_path / "uji.xlsx"))["Uji"]["A"]
    assert [cell.value for cell in cells] == [plain_value(text) for text in (FORMULA, *HOSTILE)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.quotePrefix for cell in cells] == [True] * 5 + [False] * 3


def test_a_text_too_long_for_a_cell_says_so(exported: Exported) -> None:
    assert "dipotong" in str(list(exported.book["evidence"].values))
    for text in (LONG, "😀" * 20_000):
        kept = plain_value(text)
        assert kept.endswith(f"teks lengkap {len(text)} huruf ada di ekspor CSV]")
        assert LONGEST_CELL - 1 <= len(kept.encode("utf-16-le")) / 2 <= LONGEST_CELL
    assert plain_value("x" * LONGEST_CELL) == "x" * LONGEST_CELL


def test_the_summary_says_where_each_institution_stands_and_what_comes_next(exported: Exported) -> None:
    rows = exported.book["Ringkasan"].iter_rows(values_only=True)
    lines = [[alike(cell) for cell in row if cell is not None] for row in rows]
    standing = exported.mart.row(
        "SELECT i.index_value, predicate, target_index, gap_to_target, coverage_pct, i.snapshot_on, instrument_code "
        "FROM mart.index_trend AS t JOIN mart.index_snapshot AS i USING (institution_code, year, stage, snapshot_on) "
        "WHERE institution_code = '73.01' AND snapshot_on = (SELECT max(snapshot_on) FROM mart.night)"
    )
    assert [alike(one) for one in ("73.01", FORMULA, 2025, "Usulan OPD", *standing.values())] in lines
    assert [line[0] for line in lines[5:7]] == ["'18.71'", "'73.01'"]
    steps = exported.mart.rows(
        "SELECT institution_code, indicator_name, year, step_no, s.indicator_no, from_score, to_score, s.points, "
        "index_after, s.opd_code, CASE s.opd_code WHEN 'A' THEN $1 ELSE '@Dinas' END AS opd_name "
        "FROM mart.target_step AS s JOIN mart.indicator_snapshot USING (institution_code, year, stage, indicator_no) "
        "WHERE step_no <= 5 ORDER BY step_no", [FORMULA],
    )  # fmt: skip
    assert len(steps) == 5
    assert lines[-5:] == [list(map(alike, step.values())) for step in steps]


def test_charts_show_ranges_that_hold_the_published_numbers(exported: Exported) -> None:
    latest = "SEMI JOIN mart.institution USING (institution_code, snapshot_on)"
    expected = {
        "Indeks per malam dan target": ("snapshot_on", "index_value, target_index", "mart.index_trend"),
        "Indeks per tahun dan target": (
            "year", "index_value, target_index",
            f"(FROM mart.year_trend LEFT JOIN (SELECT institution_code, year, target_index FROM mart.index_trend "
            f"{latest}) USING (institution_code, year))",
        ),
        "Indeks per domain": ("domain_name", "domain_value", f"mart.domain_snapshot {latest}"),
        "Indeks per aspek": ("aspect_name", "aspect_value", f"mart.aspect_snapshot {latest}"),
        "Indeks setelah setiap langkah dan target": (
            "step_no", "index_after, target_index",
            "(FROM mart.target_step JOIN mart.index_trend USING (institution_code, year, stage) "
            "WHERE snapshot_on = (SELECT max(snapshot_on) FROM mart.night))",
        ),
        "Kelengkapan isian OPD (persen)": (
            "opd_code", "completeness_pct", f"mart.opd_snapshot {latest} WHERE completeness_pct IS NOT NULL",
        ),
    }  # fmt: skip
    for title, (label, figures, source) in expected.items():
        shown = charts(exported.book)[title]
        asked = f"WITH t AS (FROM {source}) SELECT {label}, {figures} FROM t WHERE institution_code = '73.01'"
        rows = exported.mart.rows(asked)
        assert rows, title
        assert lines_of(shown[-1]) == lines_of(row.values() for row in rows)


def charts(book: openpyxl.Workbook) -> dict[str, list[list[list[Any]]]]:
    """By title: for each chart its labels and figures, read from the cells that it refers to."""
    found: dict[str, list[list[list[Any]]]] = {}
    for name in CHARTS:
        for chart in book[name]._charts:
            title = "".join(run.t for part in chart.title.tx.rich.p for run in part.r or ())
            label = chart.series[0].cat.numRef or chart.series[0].cat.strRef
            columns = [range_of(book, label.f), *(range_of(book, series.val.numRef.f) for series in chart.series)]
            found.setdefault(title, []).append([list(row) for row in zip(*columns, strict=True)])
    return found


def range_of(book: openpyxl.Workbook, reference: str) -> list[Any]:
    title, _, cells = reference.rpartition("!")
    left, top, right, bottom = range_boundaries(cells)
    assert left == right
    sheet = book[title.strip("'")]
    return [sheet.cell(row_no, left).value for row_no in range(top, bottom + 1)]


def test_few_institutions_have_charts_and_the_sheets_say_so(
    exported: Exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_module, "MOST_CHARTED", 1)
    some = write(exported.database, tmp_path / "some.xlsx")
    for name in ("Ringkasan", *CHARTS):
        assert "Grafik memuat 1 dari 2 instansi" in str(list(some[name].values)[:3])
    assert {len(one) for one in charts(some).values()} == {1}
    assert "(73.01)" not in str(list(some["Grafik Indeks"].values))
    chosen = write(exported.database, tmp_path / "chosen.xlsx", "73.01")
    assert "(73.01)" in str(list(chosen["Grafik Indeks"].values))
    assert "Grafik memuat" not in str(list(chosen["Ringkasan"].values))
    assert {row[0] for row in chosen["index_snapshot"].iter_rows(min_row=2, values_only=True)} == {"73.01"}


def test_a_table_longer_than_a_worksheet_is_said_and_never_cut(
    exported: Exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = len(exported.mart.rows("FROM mart.contribution"))
    monkeypatch.setattr(tables, "MOST_ROWS", rows)
    with pytest.raises(ConfigurationError, match=rf"has \d+ rows, more than a worksheet holds \({rows - 1}\)"):
        write(exported.database, tmp_path / "none.xlsx")
    assert not (tmp_path / "none.xlsx").exists()


def test_every_column_is_explained(exported: Exported) -> None:
    told = [row[2:] for row in exported.book["Kolom"].iter_rows(min_row=2, values_only=True)]
    published = exported.mart.rows(
        "SELECT column_name, data_type, comment FROM duckdb_columns() AS c SEMI JOIN duckdb_tables() USING (table_oid) "
        "WHERE c.schema_name = 'mart'"
    )
    assert sorted(told) == sorted(tuple(row.values()) for row in published)


def test_every_word_of_ours_is_used() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in Path(tables.__file__).parent.glob("*.py"))
    blocks = [block for sheet in SHEETS.values() for block in sheet]
    used = {f"chart_{block.name}" for block in blocks} | {name for block in blocks for name in block.columns}
    used |= {f"column_{name}" for name in ("table", "about", "column", "type", "comment")}
    coded = {f"{name}: {code}" for name in CODED for code in ("computed", "published", "instrument", "stage")}
    assert [name for name in words() if name not in used | coded and f'"{name}"' not in source] == []


def test_inventories_are_exported_and_their_facts_stand_beside_claims(run: Nights, tmp_path: Path) -> None:
    """Wide tables with every row; an assessor sees each fact of an indicator, in its own line."""
    mart = run(district(books=books(1))).mart
    book = write(run.settings.published_path, tmp_path / "spbe.xlsx")
    for table in ("application", "infrastructure", "initiative"):
        shape = (mart.values(f"SELECT count(*) FROM mart.{table}")[0] + 1, len(mart_columns(table)))
        assert (book[table].max_row, book[table].max_column) == shape, table
    with open_publication(run.settings.published_path) as publication:
        path = export_assessor(publication, tmp_path, None, 2025)
    header, *rows = openpyxl.load_workbook(path)["Usulan"].iter_rows(values_only=True)
    told = {one[1]: dict(zip(header, one, strict=True))["Fakta"] for one in rows}
    notes = {
        row["indicator_no"]: row["notes"]
        for row in mart.rows(
            "SELECT indicator_no, list(note ORDER BY fact_code) AS notes FROM mart.indicator_fact GROUP BY ALL"
        )
    }
    assert {no: str(text).split("\n") for no, text in told.items() if text} == notes
    assert len(notes["11"]) == 2
    assert told["1"] is None
