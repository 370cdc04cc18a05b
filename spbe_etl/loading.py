"""From landed workbooks to read fields: raw rows added once, what's in force told apart by field.

Runs inside the night's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import pyarrow as pa
from openpyxl.utils import get_column_letter

from spbe_etl import __version__
from spbe_etl.errors import SourceError
from spbe_etl.extraction import REGISTER_OPD, KnownVersions, Landed
from spbe_etl.instruments import Instrument
from spbe_etl.reading import read_scores, read_spellings
from spbe_etl.warehouse import Warehouse, sql
from spbe_etl.workbooks import Header, RawCell, Workbook, Worksheet, fields, find_header

FETCH = pa.schema(
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
    ]
)
FETCH_WORKSHEET = pa.schema(
    [(name, pa.string()) for name in ("institution_code", "opd_code", "worksheet", "title", "content_hash")]
)
CELL = pa.schema(
    [
        ("content_hash", pa.string()),
        ("row_no", pa.int32()),
        ("col_no", pa.int32()),
        ("kind", pa.string()),
        ("text", pa.string()),
        ("link", pa.string()),
        ("place", pa.string()),
    ]
)
COLUMN = pa.schema(
    [
        ("content_hash", pa.string()),
        ("field", pa.string()),
        ("reader", pa.string()),
        ("col_no", pa.int32()),
        ("col_letter", pa.string()),
        ("last_header_row_no", pa.int32()),
    ]
)
ACCEPTED = pa.schema([("code", pa.string())])


def land(warehouse: Warehouse, landed: Sequence[Landed], accepted: Iterable[str]) -> None:
    """Add tonight's fetches to raw, and every worksheet content that it doesn't hold yet."""
    known = {row["content_hash"] for row in warehouse.rows("SELECT content_hash FROM raw.worksheet")}
    contents = {sheet.content_hash: sheet for one in landed for _, sheet in one.worksheets}
    new = {content_hash: sheet for content_hash, sheet in contents.items() if content_hash not in known}
    warehouse.register("landed_accepted", _table([{"code": code} for code in accepted], ACCEPTED))
    warehouse.register("landed_fetch", _table([_fetch_row(one) for one in landed if one.institution_code], FETCH))
    worksheets = [
        {
            "institution_code": one.institution_code,
            "opd_code": one.opd_code,
            "worksheet": name,
            "title": sheet.title,
            "content_hash": sheet.content_hash,
        }
        for one in landed
        for name, sheet in one.worksheets
    ]
    warehouse.register("landed_fetch_worksheet", _table(worksheets, FETCH_WORKSHEET))
    cells = [(content_hash, *cell) for content_hash, sheet in new.items() for cell in sheet.cells]
    warehouse.register("landed_cell", _columns(cells, CELL))
    titles = [(content_hash, sheet.title) for content_hash, sheet in new.items()]
    schema = pa.schema([("content_hash", pa.string()), ("title", pa.string())])
    warehouse.register("landed_content", _columns(titles, schema))
    for name in ("fetch", "fetch_worksheet", "worksheet", "cell"):
        warehouse.run(f"raw/{name}")


def read(warehouse: Warehouse, instruments: Mapping[str, Instrument], landed: Sequence[Landed]) -> dict[str, str]:
    """Read every data cell in force: its field by the header, its value by its distinct spelling.

    Gives the institutions that can't be read and why, if any, and reads nothing then: a header that today's
    synonyms don't allow would make a workbook's answers vanish.
    """
    warehouse.run("read/source")
    headers, unreadable = _headers(warehouse, landed)
    if unreadable:
        return unreadable
    warehouse.register("landed_column", _columns(_column_rows(headers), COLUMN))
    warehouse.execute("CREATE OR REPLACE TABLE read.column AS FROM landed_column")
    warehouse.run("read/cell")
    spellings = warehouse.arrow("SELECT DISTINCT reader, kind, text FROM read.cell WHERE reader <> 'score'")
    warehouse.register("landed_spelling", read_spellings(spellings))
    warehouse.execute("CREATE OR REPLACE TABLE read.spelling AS FROM landed_spelling")
    warehouse.run("read/score_context")
    scores = warehouse.arrow("SELECT DISTINCT kind, text, instrument_code, indicator_kind FROM read.score_context")
    warehouse.register("landed_score", read_scores(scores, instruments))
    warehouse.execute("CREATE OR REPLACE TABLE read.score_spelling AS FROM landed_score")
    warehouse.run("read/field")
    return {}


def last_register(warehouse: Warehouse, source_key: str) -> Workbook | None:
    """The last good register of a source, rebuilt from raw rows."""
    rows = warehouse.rows(
        "SELECT f.workbook, w.content_hash FROM raw.fetch AS f "
        "JOIN raw.fetch_worksheet AS w USING (run_no, institution_code, opd_code) "
        "WHERE f.source_key = $1 AND f.opd_code = $2 AND f.state = 'good' "
        "QUALIFY f.run_no = max(f.run_no) OVER ()",
        [source_key, REGISTER_OPD],
    )
    if not rows:
        return None
    return Workbook(rows[0]["workbook"], tuple(_rebuild(warehouse, [row["content_hash"] for row in rows]).values()))


def known_versions(warehouse: Warehouse, institution_code: str, night: date, full_read_nights: int) -> KnownVersions:
    """What needn't be read again on a night: nothing when a full read is due."""
    rows = warehouse.rows(sql("raw/known_version"), [institution_code, night, full_read_nights, __version__])
    return {row["opd_code"]: (row["workbook"], row["version"]) for row in rows}


def _headers(warehouse: Warehouse, landed: Sequence[Landed]) -> tuple[dict[str, tuple[str, Header]], dict[str, str]]:
    """Content hash -> worksheet and header, of all contents in force; those of earlier nights found again.

    And institution -> why one of its headers can't be found any more.
    """
    headers = {
        sheet.content_hash: (name, one.headers[name])
        for one in landed
        for name, sheet in one.worksheets
        if name in one.headers
    }
    unreadable: dict[str, str] = {}
    sources = warehouse.rows("SELECT DISTINCT content_hash, worksheet, workbook, institution_code FROM read.source")
    absent = {
        row["content_hash"]: row for row in sources if row["content_hash"] not in headers and fields(row["worksheet"])
    }
    for content_hash, sheet in _rebuild(warehouse, list(absent)).items():
        name = absent[content_hash]["worksheet"]
        try:
            header = find_header(absent[content_hash]["workbook"], name, sheet)
        except SourceError as error:
            unreadable.setdefault(absent[content_hash]["institution_code"], str(error))
            continue
        if header is not None:
            headers[content_hash] = (name, header)
    return headers, unreadable


def _column_rows(headers: Mapping[str, tuple[str, Header]]) -> list[tuple[object, ...]]:
    return [
        (content_hash, one.field, one.reader, col_no, get_column_letter(col_no), header.last_row_no)
        for content_hash, (name, header) in headers.items()
        for one in fields(name)
        if (col_no := header.columns.get(one.field)) is not None
    ]


def _rebuild(warehouse: Warehouse, content_hashes: Sequence[str]) -> dict[str, Worksheet]:
    """Worksheets as they once came, by content hash."""
    if not content_hashes:
        return {}
    titles = warehouse.rows(
        "SELECT content_hash, title FROM raw.worksheet WHERE list_contains($1, content_hash)", [list(content_hashes)]
    )
    cells: dict[str, list[RawCell]] = {row["content_hash"]: [] for row in titles}
    for row in warehouse.rows(
        "FROM raw.cell WHERE list_contains($1, content_hash) ORDER BY content_hash, row_no, col_no",
        [list(content_hashes)],
    ):
        cells[row.pop("content_hash")].append(RawCell(**row))
    return {row["content_hash"]: Worksheet(row["title"], tuple(cells[row["content_hash"]])) for row in titles}


def _fetch_row(one: Landed) -> dict[str, object]:
    return {
        "source_key": one.source_key,
        "institution_code": one.institution_code,
        "opd_code": one.opd_code,
        "workbook": one.workbook,
        "fetched_at": one.fetched_at.replace(tzinfo=None),
        "reason": one.reason,
        "answered_count": one.answered_count,
        "judged_hash": one.judged_hash,
        "version": one.version,
        "is_unchanged": one.is_unchanged,
        "statuses_hash": one.marks.statuses_hash if one.marks else "",
        "summary_hash": one.marks.summary_hash if one.marks else "",
    }


def _table(rows: Sequence[Mapping[str, object]], schema: pa.Schema) -> pa.Table:
    return _columns([[row[name] for name in schema.names] for row in rows], schema)


def _columns(rows: Sequence[Sequence[object]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    arrays = [_array(list(column), field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _array(values: list[object], kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:
        whole = (str(value).encode("utf-8", "surrogatepass").decode("utf-8", "replace") for value in values)
        return pa.array(list(whole), kind)  # half a surrogate pair is no text; it's kept as the replacement sign
