"""The mess that real workbooks come with, put into some of the sample's: `seeds/sample/mess.csv`.

Each line of that file is one OPD, one kind of mess and, in Bahasa, what the night should make of it.
Kinds about answers change rows before they're written; kinds about the sheet change it afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from types import MappingProxyType

from openpyxl.worksheet.worksheet import Worksheet

from spbe_etl.resources import seed
from spbe_etl.sample.answers import Answer
from spbe_etl.templates.sheets import write_cell, write_header
from spbe_etl.workbooks import fields

Mess = Mapping[str, str]


def mess_of(opd_code: str, *kinds: str) -> list[Mess]:
    """The lines of one OPD; all of them, or those of some kinds."""
    return [row for row in seed("sample/mess") if row["opd_code"] == opd_code and (not kinds or row["kind"] in kinds)]


def mess_answers(answers: list[Answer], mess: Iterable[Mess]) -> list[Answer]:
    """The same answers after what the lines about answers say."""
    for line in mess:
        if line["kind"] == "header_only":
            answers = []
        elif line["kind"] == "repeat":
            answers = _repeated(answers, line)
        elif line["kind"] in _CHANGES:
            change = _CHANGES[line["kind"]]
            answers = [change(one, line["value"]) if _is_about(one, line) else one for one in answers]
    return answers


def mess_sheet(sheet: Worksheet, header_row: int, answers: list[Answer], mess: Iterable[Mess]) -> None:
    """Change a written sheet after what the lines about sheets say. Row i of `answers` is row header_row+1+i."""
    for line in mess:
        if change := _SHEET_CHANGES.get(line["kind"]):
            change(sheet, header_row, answers, line)
    for row_no, one in enumerate(answers, start=header_row + 1):
        cell = sheet.cell(row_no, _column("score"))
        if isinstance(one.score, datetime):
            cell.number_format = "d-mmm"
        elif isinstance(one.score, str) and one.score.startswith("#"):
            cell.data_type = "e"


_CHANGES: Mapping[str, Callable[[Answer, str], Answer]] = MappingProxyType(
    {
        "score_text": lambda one, value: replace(one, score=value),
        "score_error": lambda one, value: replace(one, score=value),
        # A number that Excel took for a day and a month.
        "score_date": lambda one, value: replace(one, score=datetime.combine(date.fromisoformat(value), time())),
        "no_evidence": lambda one, _: replace(one, evidence="", evidence_on=None),
        "bad_link": lambda one, value: replace(one, evidence=value),
        "evidence_on": lambda one, value: replace(one, evidence_on=date.fromisoformat(value)),
    }
)


def _repeated(answers: list[Answer], line: Mess) -> list[Answer]:
    """The row again at the end of its year, with the same score or with the one the line names."""
    (first,) = (one for one in answers if _is_about(one, line))
    last = max(no for no, one in enumerate(answers) if one.year == first.year)
    again = replace(first, score=int(line["value"]) if line["value"] else first.score)
    return [*answers[: last + 1], again, *answers[last + 1 :]]


def _is_about(one: Answer, line: Mess) -> bool:
    return str(one.year) == line["year"] and line["indicator_no"] in ("", one.indicator)


def _column(field: str) -> int:
    return 1 + [column.field for column in fields("Penilaian")].index(field)


def _rename_header(sheet: Worksheet, header_row: int, _: list[Answer], line: Mess) -> None:
    old, new = line["value"].split("|")
    column = next(cell.column for cell in sheet[header_row] if cell.value == old)
    sheet.cell(header_row, column).value = new.replace("/", "\n")


def _merge_year(sheet: Worksheet, header_row: int, answers: list[Answer], line: Mess) -> None:
    """One merged cell for all rows of a year, as people do to avoid repeating it."""
    rows = [header_row + 1 + no for no, one in enumerate(answers) if _is_about(one, line)]
    column = _column("year")
    sheet.merge_cells(start_row=rows[0], end_row=rows[-1], start_column=column, end_column=column)


def _hide_row(sheet: Worksheet, header_row: int, answers: list[Answer], line: Mess) -> None:
    for row_no, one in enumerate(answers, start=header_row + 1):
        if _is_about(one, line):
            sheet.row_dimensions[row_no].hidden = True


def _add_blank_rows(sheet: Worksheet, header_row: int, answers: list[Answer], line: Mess) -> None:
    first = header_row + len(answers) + 1
    for row_no in range(first, first + int(line["value"])):
        for column_no in range(1, sheet.max_column + 1):
            write_cell(sheet, row_no, column_no, None)


def _add_column(sheet: Worksheet, header_row: int, answers: list[Answer], line: Mess) -> None:
    headers = [str(cell.value) for cell in sheet[header_row]]
    write_header(sheet, header_row, [*headers, line["value"]])
    for row_no in range(header_row + 1, header_row + 1 + len(answers), 3):
        write_cell(sheet, row_no, len(headers) + 1, "sudah dicek")


_SHEET_CHANGES: Mapping[str, Callable[[Worksheet, int, list[Answer], Mess], None]] = MappingProxyType(
    {
        "header": _rename_header,
        "merged_year": _merge_year,
        "hidden_row": _hide_row,
        "blank_rows": _add_blank_rows,
        "extra_column": _add_column,
    }
)
KINDS = frozenset({"title", "header_only", "repeat", *_CHANGES, *_SHEET_CHANGES})
