"""Worksheets of charts: native charts of Excel, each fed by the range of cells that stands beside it.

Titles are words of ours; what a workbook of an OPD says stands in cells alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.axis import ChartLines, TextAxis
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.legend import Legend
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.utils import get_column_letter

from spbe_etl.exporting.sheets import HEADER, HEADING, NOTE, TITLE, Sheet, words
from spbe_etl.exporting.shown import headers, looks_of, spoken
from spbe_etl.instruments import load_instruments
from spbe_etl.publishing import Publication
from spbe_etl.warehouse import sql

MEASURE, AIM, GRID = "1F4E78", "C55A11", "D9D9D9"
WIDTH_CM, HEIGHT_CM = 20, 8
BAR_CM = 1
ROW_CM = 0.529
"""The height of a row that nobody changed."""
ALL_STEPS = 1_000_000
FULL_PCT = 100


@dataclass(frozen=True)
class Block:
    """A range of cells and its chart: `measure` by `label`, beside `aim` where there's one."""

    name: str
    columns: tuple[str, ...]
    label: str
    measure: str
    aim: str | None = None
    shape: str = "line"


SHEETS: Mapping[str, tuple[Block, ...]] = {
    "sheet_index": (
        Block("night", ("snapshot_on", "index_value", "target_index"), "snapshot_on", "index_value", "target_index"),
        Block("year", ("year", "index_value", "target_index", "stage", "source", "break_reason"), "year",
              "index_value", "target_index", "column"),
    ),
    "sheet_part": (
        Block("domain", ("domain_no", "domain_name", "domain_value"), "domain_name", "domain_value", shape="bar"),
        Block("aspect", ("aspect_no", "aspect_name", "aspect_value"), "aspect_name", "aspect_value", shape="bar"),
    ),
    "sheet_step": (
        Block("step", ("step_no", "indicator_no", "indicator_name", "opd_code", "opd_name", "from_score", "to_score",
                       "points", "cost", "index_after", "target_index"), "step_no", "index_after", "target_index"),
    ),
    "sheet_opd": (
        Block("opd", ("opd_code", "opd_name", "carried_count", "answered_count", "completeness_pct"), "opd_code",
              "completeness_pct", shape="bar"),
    ),
}  # fmt: skip
WIDTHS = {
    "domain_name": 34,
    "aspect_name": 44,
    "indicator_name": 44,
    "opd_name": 40,
    "opd_code": 18,
    "break_reason": 24,
}
NARROW = 14


def add_charts(
    publication: Publication, book: Workbook, standings: Sequence[Mapping[str, Any]], only_year: int | None,
    note: str | None,
) -> None:  # fmt: skip
    """A worksheet for each subject, on it each institution's ranges and charts one below the other."""
    for title, blocks in SHEETS.items():
        columns = max((block.columns for block in blocks), key=len)
        sheet = Sheet(book, words()[title], [_width(blocks, no) for no in range(len(columns))])
        sheet.add([words()[title]], TITLE)
        sheet.add([note], NOTE)
        for standing in standings:
            name = f"{standing['institution_name'] or ''} ({standing['institution_code']})".strip()
            sheet.skip()
            sheet.add([name], HEADING)
            for block in blocks:
                rows = publication.rows(sql(f"export/{block.name}"), _asked(block.name, standing, only_year))
                _add_block(sheet, block, rows, standing, len(columns) + 2)


def _width(blocks: Sequence[Block], no: int) -> int:
    return max(WIDTHS.get(block.columns[no], NARROW) for block in blocks if no < len(block.columns))


def _asked(name: str, standing: Mapping[str, Any], only_year: int | None) -> dict[str, object]:
    """What the query of a block asks for."""
    known = {
        "institution": standing["institution_code"],
        "year": standing["year"],
        "stage": standing["stage"],
        "only_year": only_year,
        "most": ALL_STEPS,
    }
    return {key: value for key, value in known.items() if f"${key}" in sql(f"export/{name}")}


def _add_block(
    sheet: Sheet, block: Block, rows: Sequence[Mapping[str, Any]], standing: Mapping[str, Any], column_no: int
) -> None:
    """The range, and its chart to the right of it; the next block begins below both."""
    sheet.skip()
    sheet.add([_heading(block, standing)], HEADING)
    if not rows:
        sheet.add([words()["no_rows"]])
        return
    anchor = f"{get_column_letter(column_no)}{sheet.row_no + 1}"
    first = sheet.row_no + 1
    sheet.add(headers(block.columns), HEADER)
    for row in rows:
        sheet.add(spoken(row, block.columns), looks_of(block.columns))
    has_aim = any(row[block.aim] is not None for row in rows) if block.aim else False
    chart = _chart(sheet, block, first, has_aim=has_aim)
    _set_axes(chart, block, _highest(block, standing), has_legend=has_aim)
    height = max(HEIGHT_CM, BAR_CM * len(rows) + 2 if block.shape == "bar" else 0)
    chart.height = height
    sheet.worksheet.add_chart(chart, anchor)
    sheet.skip(max(1, ceil(height / ROW_CM) - len(rows)))


def _heading(block: Block, standing: Mapping[str, Any]) -> str:
    """The chart's words, with the year that all of it is about."""
    title = words()[f"chart_{block.name}"]
    return title if block.label == "year" else f"{title}, {standing['year']}"


def _highest(block: Block, standing: Mapping[str, Any]) -> int:
    """Where the axis ends: at the highest index there can be, or at all of something."""
    is_share = block.measure == "completeness_pct"
    return FULL_PCT if is_share else load_instruments()[standing["instrument_code"]].highest_score


def _chart(sheet: Sheet, block: Block, first: int, *, has_aim: bool) -> BarChart | LineChart:
    """A chart of the range that begins with the header in row `first` and ends with the sheet's last row."""
    chart = LineChart() if block.shape == "line" else BarChart()
    if isinstance(chart, BarChart):
        chart.type = "bar" if block.shape == "bar" else "col"
        chart.gapWidth = 60
    chart.title, chart.width = words()[f"chart_{block.name}"], WIDTH_CM
    drawn = [(block.measure, MEASURE), *([(block.aim, AIM)] if block.aim and has_aim else [])]
    for name, colour in drawn:
        chart.add_data(_range(sheet, block, name, first), titles_from_data=True)
        _paint(chart, colour)
    chart.set_categories(_range(sheet, block, block.label, first + 1))
    return chart


def _range(sheet: Sheet, block: Block, name: str, first: int) -> Reference:
    no = block.columns.index(name) + 1
    return Reference(sheet.worksheet, min_col=no, min_row=first, max_row=sheet.row_no)


def _paint(chart: BarChart | LineChart, colour: str) -> None:
    series = chart.series[-1]
    if isinstance(chart, BarChart):
        series.graphicalProperties.solidFill = colour
        return
    series.graphicalProperties.line.solidFill = colour
    series.graphicalProperties.line.width = 25_400
    series.marker.symbol = "circle"
    series.marker.graphicalProperties.solidFill = colour
    series.marker.graphicalProperties.line.solidFill = colour
    series.smooth = False


def _set_axes(chart: BarChart | LineChart, block: Block, highest: int, *, has_legend: bool) -> None:
    """Both axes drawn, from nothing to the highest there can be; the first bar on top; figures beside bars."""
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.scaling.min, chart.y_axis.scaling.max = 0, highest
    chart.y_axis.majorUnit, chart.y_axis.number_format = highest / 5, "0"
    chart.y_axis.majorGridlines = ChartLines(GraphicalProperties(ln=LineProperties(solidFill=GRID)))
    chart.y_axis.title, chart.x_axis.title = words()[block.measure], words()[block.label]
    chart.x_axis.number_format = "yyyy-mm-dd" if block.label == "snapshot_on" else "General"
    chart.legend = Legend("b") if has_legend else None
    if block.shape == "bar":
        chart.x_axis.scaling.orientation, chart.y_axis.crosses = "maxMin", "max"
    if isinstance(chart.x_axis, TextAxis):
        chart.x_axis.tickLblSkip = 1 if block.shape == "bar" else None
    if isinstance(chart, BarChart):
        chart.dataLabels = DataLabelList(showVal=True, showSerName=False, showCatName=False, showLegendKey=False)
