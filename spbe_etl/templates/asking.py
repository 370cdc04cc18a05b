"""What a cell of an inventory asks: a prompt, a list to choose from, a limit. Nothing here ever forbids a value.

Lists of what the reader knows come from `spelling.csv`; the others are our suggestions, `inventory_choice.csv`. The
portal's own lists aren't known, so a suggestion says that it's one and any other word is taken without a question.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from openpyxl.worksheet.datavalidation import DataValidation

from spbe_etl.instruments import Instrument, load_instruments
from spbe_etl.resources import seed
from spbe_etl.templates.inventories import InventoryColumn
from spbe_etl.templates.lists import ChoiceLists

PROMPT_LENGTH = 255
"""The longest prompt that Excel opens a file with."""
OPEN_READERS = frozenset({"mention"})
"""Readers with known spellings that take any other word too."""
FIRST_DAY = 36526
"""1 January 2000, as spreadsheets count days: a year alone, such as 2026, would be a day of 1905."""
GO_ON = "Bila isian ini memang benar, boleh dilanjutkan."


def question(column: InventoryColumn, instrument: Instrument, lists: ChoiceLists) -> DataValidation | None:
    """What the cells of a column ask and offer; None where there's nothing to say."""
    words, suggested = known_words(column, instrument), suggestions(column)
    if words or suggested:
        title = f"{column.worksheet}: {column.header}"
        rule = DataValidation("list", formula1=lists.formula(title, words or suggested), allow_blank=True)
        error = "" if suggested else f"Isian ini tidak ada pada daftar. {column.hint} {GO_ON}"
    else:
        rule, range_text = _limit(column.reader, instrument)
        error = _joined([column.hint, range_text, GO_ON]) if rule.type else ""
    if error:
        rule.errorStyle, rule.errorTitle, rule.error = "warning", "Mohon diperiksa kembali", error
    rule.showErrorMessage = bool(error)
    prompt = _prompt(column, is_suggested=bool(suggested))
    if prompt:
        rule.promptTitle, rule.prompt, rule.showInputMessage = "Petunjuk", prompt, True
    return rule if prompt or rule.type else None


def known_words(column: InventoryColumn, instrument: Instrument) -> list[str]:
    """The only words that the column's reader takes, each value by its first spelling; empty if it takes others too."""
    if column.reader == "instrument":
        return [code for code, last_year in _instruments() if last_year >= instrument.first_year]
    return [] if column.reader in OPEN_READERS else first_spellings(column.reader)


@cache
def _instruments() -> list[tuple[str, int]]:
    """Code and last year of every instrument, in the order of their codes."""
    return [(one.code, one.last_year or 9999) for one in load_instruments().values()]


@cache
def first_spellings(reader: str) -> list[str]:
    """The first spelling of each value of a reader, which is the one we write ourselves."""
    first: dict[str, str] = {}
    for row in seed("spelling"):
        if row["reader"] == reader:
            first.setdefault(row["value"], row["spelling"])
    return list(first.values())


def suggestions(column: InventoryColumn) -> list[str]:
    """Our suggestions for a column."""
    place = (column.worksheet, column.field)
    return [row["choice"] for row in seed("inventory_choice") if (row["worksheet"], row["field"]) == place]


def _limit(reader: str, instrument: Instrument) -> tuple[DataValidation, str]:
    """The limits of a reader's values, and what they are in Bahasa; a rule without a type where there are none."""
    if reader == "date":
        rule = DataValidation("date", operator="greaterThanOrEqual", formula1=str(FIRST_DAY), allow_blank=True)
        return rule, "Paling awal tahun 2000."
    if reader == "year":
        return DataValidation("whole", formula1="1000", formula2="9999", allow_blank=True), ""
    if reader in ("money", "figure"):
        rule = DataValidation("decimal", operator="greaterThanOrEqual", formula1="0", allow_blank=True)
        return rule, "Angkanya tidak kurang dari 0."
    if reader == "target":
        lowest, highest = str(instrument.lowest_score), str(instrument.highest_score)
        rule = DataValidation("decimal", formula1=lowest, formula2=highest, allow_blank=True)
        return rule, f"Angkanya dari {lowest} sampai {highest}."
    return DataValidation(), ""


def _prompt(column: InventoryColumn, *, is_suggested: bool) -> str:
    sentences = [
        column.hint,
        "Daftarnya hanya saran, boleh diisi lain." if is_suggested else "",
        _whose(column),
    ]
    if len(_joined(sentences)) > PROMPT_LENGTH:
        sentences[-1] = "Hanya untuk jenis objek tertentu, lihat lembar Petunjuk."
    return _joined(sentences)


def _whose(column: InventoryColumn) -> str:
    """Which kinds of objects a column is for, or isn't, whichever are fewer."""
    if not column.other_kinds:
        return ""
    if len(column.other_kinds) < len(column.kinds):
        return f"Tidak diminta untuk {'; '.join(column.other_kinds)}."
    return f"Hanya untuk {'; '.join(column.kinds)}."


def _joined(sentences: Sequence[str]) -> str:
    return " ".join(filter(None, sentences))
