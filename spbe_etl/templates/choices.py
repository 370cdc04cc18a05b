"""Drop-down lists and limits, so that a cell is right before it's ever read.

The words offered are the reader's own: `spelling.csv`, and the instrument's scale.
"""

from __future__ import annotations

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from spbe_etl.instruments import Instrument
from spbe_etl.resources import seed
from spbe_etl.workbooks import fields

SPARE_ROWS = 300  # Rows below a pre-filled table that still get the lists.

# A register holds verdicts and carriers of several years, so of several instruments: warn, don't forbid.
_ONLY_WARN = frozenset({("Pengampu", "instrument"), ("Verifikasi", "score")})


def offer_choices(sheet: Worksheet, instrument: Instrument) -> None:
    """Add the lists of this worksheet's columns, found by its header in row 1, from row 2 down to some spare rows."""
    last_row = sheet.max_row + SPARE_ROWS
    by_header = {column.header: column.field for column in fields(sheet.title)}
    for no, header in enumerate(sheet[1], start=1):
        field = by_header[str(header.value)]
        rule = _rule(field, instrument)
        if rule is None:
            continue
        if (sheet.title, field) in _ONLY_WARN:
            rule.errorStyle = "warning"
        letter = get_column_letter(no)
        rule.add(f"{letter}2:{letter}{last_row}")
        sheet.add_data_validation(rule)


def _rule(field: str, instrument: Instrument) -> DataValidation | None:
    if field == "stage":
        return _list(_words("stage"))
    if field == "active":
        return _list(_words("yes_no"))
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


def _words(reader: str) -> list[str]:
    """The first spelling of each value of a reader, which is the one we write ourselves."""
    first: dict[str, str] = {}
    for row in seed("spelling"):
        if row["reader"] == reader:
            first.setdefault(row["value"], row["spelling"])
    return list(first.values())


def _explained(rule: DataValidation, message: str) -> DataValidation:
    rule.errorTitle, rule.error, rule.showErrorMessage = "Isian belum sesuai", message, True
    rule.promptTitle, rule.prompt, rule.showInputMessage = "Petunjuk", message, True
    return rule
