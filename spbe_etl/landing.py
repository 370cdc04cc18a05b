"""Landed workbooks as Parquet: where extraction ends, and the archive that everything else can be made from again.

A run lands in `raw/<run id>/`, an institution's workbooks some at a time: `<key>.workbook.parquet` (what was asked
for, and the worksheets that came), `<key>.row.parquet` (rows of contents that weren't known yet). Files are written
once and never changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from spbe_etl.errors import PublicationError, unwritable
from spbe_etl.extraction import Landed, unread_columns
from spbe_etl.folders import sync
from spbe_etl.workbooks import Header, RawCell, Worksheet, a1, fields

WORKSHEET = pa.struct(
    [
        ("worksheet", pa.string()),
        ("title", pa.string()),
        ("content_hash", pa.string()),
        ("last_header_row_no", pa.int32()),
        ("columns", pa.map_(pa.string(), pa.int32())),
        ("extra", pa.list_(pa.string())),
        ("file", pa.string()),
    ]
)
WORKBOOK = pa.schema(
    [
        ("source_key", pa.string()),
        ("institution_code", pa.string()),
        ("opd_code", pa.string()),
        ("workbook", pa.string()),
        ("fetched_at", pa.timestamp("us")),
        ("reason", pa.string()),
        ("answered_count", pa.int32()),
        ("judged_hash", pa.string()),
        ("version", pa.string()),
        ("is_unchanged", pa.bool_()),
        ("statuses_hash", pa.string()),
        ("summary_hash", pa.string()),
        ("worksheets", pa.list_(WORKSHEET)),
    ]
)
ROW = pa.schema(
    [
        ("content_hash", pa.string()),
        ("row_no", pa.int32()),
        ("texts", pa.list_(pa.string())),
        ("kinds", pa.string()),
        ("links", pa.list_(pa.string())),
        ("places", pa.list_(pa.string())),
    ]
)
LETTERS = {"text": "t", "number": "n", "date": "d", "boolean": "b", "error": "e", "formula": "f"}
KINDS = {letter: kind for kind, letter in LETTERS.items()}
NO_CELL = "-"
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600


def land(folder: Path, key: str, landed: Sequence[Landed], known: Collection[str]) -> None:
    """Write what came of some workbooks; rows only of contents that aren't known."""
    folder.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    file = f"{folder.name}/{key}"
    contents = {sheet.content_hash: sheet for one in landed for _, sheet in one.worksheets}
    new = [sheet for content_hash, sheet in contents.items() if content_hash not in known]
    if new:
        _write(folder / f"{key}.row.parquet", table([row for sheet in new for row in _rows(sheet)], ROW))
    _write(folder / f"{key}.workbook.parquet", table([_workbook(one, file) for one in landed], WORKBOOK))


def rebuild(rows: Iterable[Mapping[str, Any]], titles: dict[str, str]) -> dict[str, Worksheet]:
    """Worksheets as they once came, by content hash, out of their landed rows."""
    cells: dict[str, list[RawCell]] = {content_hash: [] for content_hash in titles}
    for row in rows:
        cells[row["content_hash"]].extend(_cells(row))
    return {content_hash: Worksheet(titles[content_hash], tuple(found)) for content_hash, found in cells.items()}


def table(rows: Sequence[Sequence[object]], schema: pa.Schema) -> pa.Table:
    """Rows as an Arrow table."""
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    arrays = [_array(list(column), field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _rows(sheet: Worksheet) -> list[tuple[object, ...]]:
    """A worksheet's rows: texts by column, a letter for each cell's kind; links and places where there are any."""
    grouped: dict[int, list[RawCell]] = defaultdict(list)
    for cell in sheet.cells:
        grouped[cell.row_no].append(cell)
    return [_row(sheet.content_hash, row_no, cells) for row_no, cells in grouped.items()]


def _row(content_hash: str, row_no: int, cells: Sequence[RawCell]) -> tuple[object, ...]:
    width = max(cell.col_no for cell in cells)
    texts: list[str | None] = [None] * width
    links: list[str | None] = [None] * width
    places: list[str | None] = [None] * width
    kinds = [NO_CELL] * width
    for cell in cells:
        at = cell.col_no - 1
        texts[at], kinds[at] = cell.text, LETTERS[cell.kind]
        links[at] = cell.link or None
        places[at] = cell.place if cell.place != a1(cell.row_no, cell.col_no) else None
    return (
        content_hash,
        row_no,
        texts,
        "".join(kinds),
        links if any(links) else None,
        places if any(places) else None,
    )


def _cells(row: Mapping[str, Any]) -> Iterable[RawCell]:
    texts, kinds, row_no = row["texts"], row["kinds"], row["row_no"]
    nothing = [None] * len(kinds)
    links, places = row["links"] or nothing, row["places"] or nothing
    for at, kind in enumerate(kinds):
        if kind != NO_CELL:
            place = places[at] or a1(row_no, at + 1)
            yield RawCell(row_no, at + 1, KINDS[kind], texts[at], links[at] or "", place)


def _workbook(one: Landed, file: str) -> tuple[object, ...]:
    return (
        one.source_key,
        one.institution_code,
        one.opd_code,
        one.workbook,
        one.fetched_at.replace(tzinfo=None),
        one.reason,
        one.answered_count,
        one.judged_hash,
        one.version,
        one.is_unchanged,
        one.marks.statuses_hash if one.marks else "",
        one.marks.summary_hash if one.marks else "",
        [_worksheet(name, sheet, one.headers.get(name), file) for name, sheet in one.worksheets],
    )


def _worksheet(name: str, sheet: Worksheet, header: Header | None, file: str) -> tuple[object, ...]:
    return (
        name,
        sheet.title,
        sheet.content_hash,
        header.last_row_no if header else None,
        list(header.columns.items()) if header else None,
        [f"{title} {place}" for title, place in unread_columns(sheet, header).items()] if fields(name) else [],
        file,
    )


def _write(path: Path, content: pa.Table) -> None:
    try:
        pq.write_table(content, path, compression="zstd")
        path.chmod(PRIVATE_FILE)
        for written in (path, path.parent):
            sync(written)
    except OSError as error:
        raise PublicationError(unwritable(path, error.strerror or str(error))) from error


def _array(values: list[object], kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:
        return pa.array([_whole(value) for value in values], kind)


def _whole(value: object) -> object:
    """Text, or texts in a list, in which half a surrogate pair, which is no text, is the replacement sign."""
    if isinstance(value, list | tuple):
        return type(value)(_whole(one) for one in value)
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return value
