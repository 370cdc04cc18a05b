"""Drop-down lists and limits, so that a cell is right before it's ever read.

The words offered are the reader's own: `spelling.csv`, and the instrument's scale. Inventories: `asking.py`.
"""

from __future__ import annotations

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from spbe_etl.instruments import Instrument
from spbe_etl.templates.asking import first_spellings, question
from spbe_etl.templates.inventories import inventory_columns
from spbe_etl.templates.lists import ChoiceLists
from spbe_etl.workbooks import fields

SPARE_ROWS = 300  # Rows below a pre-filled table that still get the lists.
INVENTORY_ROWS = 1000  # Objects of one inventory: nothing is pre-filled there, and some OPD have hundreds of data sets.

# A register holds verdicts and carriers of several years, so of several instruments: warn, don't forbid.
_ONLY_WARN = frozenset({("Pengampu", "instrument"), ("Verifikasi", "score")})


def last_row_to_fill_in(sheet: Worksheet) -> int:
    """The last row that gets lists, limits and the filter."""
    return sheet.max_row + (INVENTORY_ROWS if inventory_columns(sheet.title) else SPARE_ROWS)


def offer_choices(sheet: Worksheet, instrument: Instrument) -> None:
    """Add the lists of this worksheet's columns, found by its header in row 1, from row 2 down to some spare rows."""
    by_header = {column.header: column.field for column in fields(sheet.title)}
    for no, header in enumerate(sheet[1], start=1):
        field = by_header[str(header.value)]
        if rule := _rule(field, instrument):
            if (sheet.title, field) in _ONLY_WARN:
                rule.errorStyle = "warning"
            _add(sheet, no, rule)


def ask_for_objects(sheet: Worksheet, instrument: Instrument, lists: ChoiceLists) -> None:
    """Add prompts, lists and limits to the columns of an inventory, whose header stands in row 1."""
    for no, column in enumerate(inventory_columns(sheet.title), start=1):
        if rule := question(column, instrument, lists):
            _add(sheet, no, rule)


def _add(sheet: Worksheet, column_no: int, rule: DataValidation) -> None:
    letter = get_column_letter(column_no)
    rule.add(f"{letter}2:{letter}{last_row_to_fill_in(sheet)}")
    sheet.add_data_validation(rule)


def _rule(field: str, instrument: Instrument) -> DataValidation | None:
    if field == "stage":
        return _list(first_spellings("stage"))
    if field == "active":
        return _list(first_spellings("yes_no"))
    if field == "instrument":
        return _list([instrument.code])
    if field != "score":
        return None
    lowest, highest = instrument.lowest_score, instrument.highest_score
    if instrument.score_decimals == 0:
        return _list([str(level) for level in range(lowest, highest + 1)])
    rule = DataValidation("decimal", formula1=str(lowest), formula2=str(highest), allow_blank=True)
    return _explained(rule, f"Mohon isi angka {lowest} sampai {highest}; boleh pecahan.")


def _list(words: list[str]) -> DataValidation:
    rule = DataValidation("list", formula1=f'"{",".join(words)}"', allow_blank=True)
    return _explained(rule, f"Mohon pilih salah satu: {', '.join(words)}.")


def _explained(rule: DataValidation, message: str) -> DataValidation:
    rule.errorTitle, rule.error, rule.showErrorMessage = "Isian belum sesuai", message, True
    rule.promptTitle, rule.prompt, rule.showInputMessage = "Petunjuk", message, True
    return rule
