"""The worksheet `Daftar Pilihan`: lists that a cell's own rule can't hold, each in a column of its own."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from spbe_etl.templates.sheets import set_widths, write_cell, write_header

LISTS = "Daftar Pilihan"
INLINE_LENGTH = 255
"""The longest list, quotes included, that Excel opens a file with inside a cell's rule."""


class ChoiceLists:
    """The lists of one workbook, gathered while its worksheets are made, then written."""

    def __init__(self) -> None:
        self._lists: dict[str, Sequence[str]] = {}

    def formula(self, title: str, words: Sequence[str]) -> str:
        """What a rule refers to: the words themselves, or the range where they will stand under `title`.

        A comma or a quote inside a word would end it in a rule, and long lists don't fit.
        """
        inline = f'"{",".join(words)}"'
        if len(inline) <= INLINE_LENGTH and not any(mark in word for word in words for mark in ',"'):
            return inline
        self._lists[title] = words
        letter = get_column_letter(len(self._lists))
        return f"'{LISTS}'!${letter}$2:${letter}${len(words) + 1}"

    def write(self, book: Workbook) -> None:
        """Add the lists as a hidden worksheet, unless there are none."""
        if not self._lists:
            return
        sheet = book.create_sheet(LISTS)
        sheet.sheet_state = "hidden"
        write_header(sheet, 1, list(self._lists))
        for column_no, words in enumerate(self._lists.values(), start=1):
            for row_no, word in enumerate(words, start=2):
                write_cell(sheet, row_no, column_no, word)
        set_widths(sheet, [max(map(len, words)) + 4 for words in self._lists.values()])
