"""A register that names its workbooks by file, made to name them by id: folders as an institution would share them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .cells import refresh

SHEET, HEADER = "OPD", "Spreadsheet"
REGISTER = "register.xlsx"
_HEADER_ROWS = 20


def register_with_ids(book: dict[str, Any], ids: Mapping[str, str]) -> None:
    """Rewrite the column in place: a plain id and a full address in turn; unknown names stay."""
    sheets = [one for one in book["sheets"] if one["properties"]["title"] == SHEET]
    rows = sheets[0]["data"][0].get("rowData", []) if sheets else []
    found = _header(rows)
    if found is None:
        return
    header_row, column = found
    rewritten = 0
    for row in rows[header_row + 1 :]:
        values = row.get("values", [])
        if column >= len(values):
            continue
        text = values[column].get("effectiveValue", {}).get("stringValue", "").strip()
        file_id = ids.get(text) or ids.get(f"{text}.xlsx")
        if file_id is None:
            continue
        rewritten += 1
        reference = file_id if rewritten % 2 else f"https://docs.google.com/spreadsheets/d/{file_id}/edit#gid=0"
        values[column] = refresh({**values[column], "userEnteredValue": {"stringValue": reference}})


def _header(rows: list[dict[str, Any]]) -> tuple[int, int] | None:
    for row_no, row in enumerate(rows[:_HEADER_ROWS]):
        for column, cell in enumerate(row.get("values", [])):
            if cell.get("effectiveValue", {}).get("stringValue", "").strip() == HEADER:
                return row_no, column
    return None


def institution_folders(folder: Path) -> Iterator[Path]:
    """The folder itself if it holds a register, else those of its subfolders that do."""
    if (folder / REGISTER).is_file():
        yield folder
    else:
        yield from (path for path in sorted(folder.iterdir()) if (path / REGISTER).is_file())
