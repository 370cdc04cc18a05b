"""From landed rows to what they say: each worksheet content is read once, into a table of its contract worksheet.

Spellings are read by cells.py and scores.py, each distinct one once; plain text and plain links by SQL, which
spares a national night a million calls. The contract's fields (`seeds/worksheet_field.csv`) make the queries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import pyarrow as pa

from spbe_etl import __version__
from spbe_etl.cells import READERS, Cell
from spbe_etl.errors import PublicationError
from spbe_etl.instruments import Instrument
from spbe_etl.inventory.cells import INVENTORY_READERS
from spbe_etl.landing import KINDS, WORKBOOK
from spbe_etl.resources import SEEDS, WAREHOUSE, fingerprint, seed
from spbe_etl.scores import Scale, read_score, scale_of, widest_scale
from spbe_etl.warehouse import Warehouse, sql
from spbe_etl.workbooks import Field, fields

SCORE = "score"
FILES_AT_ONCE = 200
ANY_KIND = "*"
"""Stands for the kind of an indicator that isn't known."""
_READERS = {**READERS, **INVENTORY_READERS}
PLAIN_READERS = ("text", "links", "year", "indicator", "date", "code", "references")
"""Readers whose plain spellings SQL reads itself (macros plain_...)."""
LINKED = "CASE WHEN {link} IS NULL THEN {text} ELSE {text} || ' ' || {link} END"
"""A link behind a word ("lihat dokumen") is evidence too, so it's read with the word."""
ADDRESSED = "CASE WHEN contains({link}, 'docs.google.com/') THEN {link} ELSE {text} END"
"""An address behind the title of a spreadsheet says which one is meant."""
_READING_MODULES = (
    *("cells", "extraction", "instruments", "inventory/cells", "inventory/definitions", "landing", "marks", "reading"),
    *("references", "scores", "values", "workbooks"),
)


def table_of(worksheet: str) -> str:
    """The table in schema `read` for a contract worksheet."""
    return worksheet.lower().replace(" ", "_")


@cache
def read_worksheets() -> tuple[str, ...]:
    """Contract worksheets that are read."""
    return tuple(row["worksheet"] for row in seed("worksheet") if fields(row["worksheet"]))


@cache
def reading_version() -> str:
    """What tells one way of reading from another: the contract's seeds and the code that reads."""
    here = Path(__file__).parent
    queries = [WAREHOUSE / "macros.sql", *sorted((WAREHOUSE / "read").glob("*.sql"))]
    modules = [here / f"{name}.py" for name in _READING_MODULES]
    return fingerprint([*sorted(SEEDS.rglob("*.csv")), *queries, *modules], __version__)


def prepare_reading(warehouse: Warehouse) -> None:
    """Make the tables of the worksheets; empty them when reading isn't what it was."""
    warehouse.set_variables({"reading_version": reading_version()})
    warehouse.register("contract_worksheet", pa.table({"worksheet": list(read_worksheets())}))
    warehouse.execute("CREATE OR REPLACE TEMP TABLE read_worksheet AS FROM contract_worksheet")
    warehouse.register("landed_nothing", WORKBOOK.empty_table())
    warehouse.execute("CREATE TEMP TABLE IF NOT EXISTS landed_workbook AS FROM landed_nothing")
    warehouse.run("raw/landed_worksheet")
    if warehouse.rows("FROM read.reading") == [{"reading_version": reading_version()}]:
        return
    warehouse.begin()
    for table in ("reading", "content", "column"):
        warehouse.execute(f"DELETE FROM read.{table}")
    for name in read_worksheets():
        columns = ", ".join(f"{column} VARCHAR" for one in kept_fields(name) for column in _columns(one))
        warehouse.execute(
            f"CREATE OR REPLACE TABLE read.{table_of(name)} (content_no INTEGER, row_no INTEGER, {columns})"
        )
    warehouse.execute("INSERT INTO read.reading VALUES ($1)", [reading_version()])
    warehouse.commit()


def read_new(warehouse: Warehouse, instruments: Mapping[str, Instrument], raw: Path) -> None:
    """Read the contents of `new_content`, some files at a time, each time in a transaction of its own.

    What's prepared before it is outside: DuckDB scans what a transaction itself has written by one thread alone.
    """
    for name in read_worksheets():
        found = warehouse.rows("SELECT DISTINCT file FROM new_content WHERE worksheet = $1 ORDER BY file", [name])
        for files in batched([row["file"] for row in found]):
            paths = [raw / f"{file}.row.parquet" for file in files]
            check_files(paths)
            insert = _prepare_worksheet(warehouse, instruments, name, paths)
            warehouse.begin()
            warehouse.execute(insert)
            warehouse.execute(sql("read/content"), [name, list(files)])
            warehouse.commit()


def check_files(paths: Iterable[Path | str]) -> None:
    """What raw holds must be there; raises PublicationError that names the first file that isn't."""
    if gone := next((path for path in paths if not Path(path).is_file()), None):
        raise PublicationError(
            f"{gone} is gone, and with it what some sheets held when they were read. Restore that folder from a "
            f"backup and run again; what was published stays."
        )


def failing_fields(rules: Sequence[tuple[str, str, str]]) -> str:
    """A query for what cells of failing rows hold. `rules`: suite, worksheet and field of each rule."""
    asked: dict[tuple[str, str], list[str]] = {}
    for suite, worksheet, field in dict.fromkeys(rules):
        asked.setdefault((suite, worksheet), []).append(field)
    parts = [_failing_fields(suite, worksheet, names) for (suite, worksheet), names in asked.items()]
    return "CREATE OR REPLACE TEMP TABLE failing_field AS " + " UNION ALL ".join(parts)


def _failing_fields(suite: str, worksheet: str, names: Sequence[str]) -> str:
    shown = {one.field for one in fields(worksheet) if one.is_shown}

    def by_field(values: Mapping[str, str]) -> str:
        return "CASE u.field " + " ".join(f"WHEN '{name}' THEN {value}" for name, value in values.items()) + " END"

    return filled(
        "read/failing_field",
        suite=suite,
        worksheet=worksheet,
        table=table_of(worksheet),
        value=by_field({name: f"w.{name}" for name in names}),
        text=by_field({name: f"coalesce(w.{name}_text, w.{name})" if name in shown else "NULL" for name in names}),
        problem=by_field({name: f"w.{name}_problem" for name in names}),
        place=by_field({name: f"w.{name}_place" for name in names}),
    )


def held_rows() -> str:
    """A query for the number of data rows of each content that's read."""
    parts = [
        f"SELECT '{name}' AS worksheet, content_no, count(*) AS row_count FROM read.{table_of(name)} GROUP BY ALL"
        for name in read_worksheets()
    ]
    return "CREATE OR REPLACE TEMP TABLE held AS " + " UNION ALL ".join(parts)


def kept_fields(worksheet: str) -> tuple[Field, ...]:
    """The fields that `read` keeps of a worksheet."""
    return tuple(one for one in fields(worksheet) if one.is_kept)


def _columns(one: Field) -> tuple[str, ...]:
    """A field's value and problem, its place where it's merged, and its text as it was where that may be shown."""
    text = (f"{one.field}_text",) if one.is_shown else ()
    return one.field, f"{one.field}_problem", f"{one.field}_place", *text


def _prepare_worksheet(
    warehouse: Warehouse, instruments: Mapping[str, Instrument], name: str, files: Sequence[Path]
) -> str:
    """Lay cells and readings ready; gives the statement that keeps what they say."""
    known = fields(name)
    warehouse.execute(
        filled(
            "read/new_cell",
            worksheet=name,
            files=str([str(path) for path in files]),
            places=", ".join(f"max(c.col_no) FILTER (c.field = '{one.field}') AS {one.field}" for one in known),
            cells=", ".join(_cell(one) for one in known),
        )
    )
    plain = [one for one in known if one.reader != SCORE]
    spellings = warehouse.arrow(" UNION ".join(_odd_spellings(one) for one in plain))
    _keep(warehouse, "new_spelling", read_spellings(spellings))
    odd = set(spellings.column("reader").to_pylist())
    scored = any(one.reader == SCORE for one in known)
    if scored:
        _keep(warehouse, "new_score", read_scores(warehouse.arrow(SCORE_SPELLINGS), instruments))
    return filled(
        "read/worksheet",
        table=table_of(name),
        fields=", ".join(_field(one) for one in known if one.is_kept),
        values=", ".join(_value(one, is_odd=one.reader in odd) for one in plain),
        joins=" ".join(_join(one) for one in plain if one.reader in odd),
        score=SCORE_JOIN if scored else "",
        holds=" OR ".join(_holds(one) for one in known),
    )


SCORE_SPELLINGS = (
    "SELECT s.score_kind AS kind, s.score_text AS text, i.instrument_code, i.kind AS indicator_kind "
    "FROM (SELECT DISTINCT score_kind, score_text FROM new_cell WHERE score_text IS NOT NULL) AS s, "
    "(SELECT DISTINCT instrument_code, kind FROM ref.indicator UNION SELECT instrument_code, NULL FROM ref.instrument "
    "UNION SELECT NULL, NULL) AS i"
)
SCORE_JOIN = (
    "LEFT JOIN ref.instrument_year AS i ON c.year_value = i.year "
    "LEFT JOIN ref.indicator AS n ON i.instrument_code = n.instrument_code AND c.indicator_value = n.indicator_no "
    "LEFT JOIN new_score AS s ON c.score_kind = s.kind AND c.score_text = s.text "
    "AND coalesce(i.instrument_code, '') = s.instrument_code AND coalesce(n.kind, '*') = s.indicator_kind"
)


def _cell(one: Field) -> str:
    at, field = f"p.{one.field}", one.field
    text, link = f"r.texts[{at}]", f"r.links[{at}]"
    if one.reader == "links":
        text = LINKED.format(text=text, link=link)
    elif one.reader == "reference":
        text = ADDRESSED.format(text=text, link=link)
    kind = f"r.kinds[{at}]"
    if one.reader in ("links", "reference"):
        kind = f"CASE WHEN {text} IS DISTINCT FROM r.texts[{at}] THEN 't' ELSE {kind} END"
    value = f"plain_{one.reader}({kind}, {text})" if one.reader in PLAIN_READERS else "NULL::VARCHAR"
    return f"{kind} AS {field}_kind, {text} AS {field}_text, r.places[{at}] AS {field}_place, {value} AS {field}_plain"


def _odd_spellings(one: Field) -> str:
    return (
        f"SELECT '{one.reader}' AS reader, {one.field}_kind AS kind, {one.field}_text AS text FROM new_cell "
        f"WHERE {one.field}_text IS NOT NULL AND {one.field}_plain IS NULL"
    )


def _join(one: Field) -> str:
    """Equal by keys alone: a condition on one side of a left join would make DuckDB compare every pair of rows."""
    name = f"s_{one.field}"
    return (
        f"LEFT JOIN (FROM new_spelling WHERE reader = '{one.reader}') AS {name} "
        f"ON c.{one.field}_kind = {name}.kind AND c.{one.field}_text = {name}.text"
    )


def _value(one: Field, *, is_odd: bool) -> str:
    if not is_odd:
        return f"c.{one.field}_plain AS {one.field}_value, NULL::VARCHAR AS {one.field}_problem"
    name = f"s_{one.field}"
    return (
        f"coalesce(c.{one.field}_plain, nullif({name}.value, '')) AS {one.field}_value, "
        f"nullif(nullif({name}.problem, 'blank'), '') AS {one.field}_problem"
    )


def _field(one: Field) -> str:
    value, problem = _said(one)
    text = f", CASE WHEN {_holds(one)} THEN nullif(c.{one.field}_text, {value}) END" if one.is_shown else ""
    return f"{value}, {problem}, CASE WHEN {_holds(one)} THEN c.{one.field}_place END{text}"


def _said(one: Field) -> tuple[str, str]:
    if one.reader == SCORE:
        return "nullif(s.value, '')", "nullif(nullif(s.problem, 'blank'), '')"
    return f"c.{one.field}_value", f"c.{one.field}_problem"


def _holds(one: Field) -> str:
    value, problem = _said(one)
    return f"({value} IS NOT NULL OR {problem} IS NOT NULL)"


def batched(files: Sequence[str]) -> Iterator[Sequence[str]]:
    """Some files at a time, so that memory doesn't grow with the country."""
    for start in range(0, len(files), FILES_AT_ONCE):
        yield files[start : start + FILES_AT_ONCE]


def filled(query: str, /, **parts: str) -> str:
    """The query in `warehouse/<query>.sql` with its parts filled in."""
    text = sql(query)
    for key, value in parts.items():
        text = text.replace("{" + key + "}", value)
    return text


def _keep(warehouse: Warehouse, name: str, table: pa.Table) -> None:
    warehouse.register("landed_reading", table)
    warehouse.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM landed_reading")


def read_spellings(spellings: pa.Table) -> pa.Table:
    """Columns reader, kind, text -> the same with value and problem."""
    columns = spellings.to_pydict()
    readings = [
        _READERS[reader](Cell(KINDS[kind], text))
        for reader, kind, text in zip(columns["reader"], columns["kind"], columns["text"], strict=True)
    ]
    return _with_readings(spellings, [(one.value, one.problem) for one in readings])


def read_scores(spellings: pa.Table, instruments: Mapping[str, Instrument]) -> pa.Table:
    """Columns kind, text, instrument_code, indicator_kind -> the same with value and problem; no instrument is ''."""

    @cache
    def scale(code: str | None, indicator_kind: str | None) -> Scale:
        return widest_scale(instruments.values()) if code is None else scale_of(instruments[code], indicator_kind)

    columns = spellings.to_pydict()
    contexts = list(zip(columns["instrument_code"], columns["indicator_kind"], strict=True))
    cells = zip(columns["kind"], columns["text"], strict=True)
    readings = [
        read_score(Cell(KINDS[kind], text), scale(code, indicator_kind))
        for (kind, text), (code, indicator_kind) in zip(cells, contexts, strict=True)
    ]
    told = pa.table(
        {
            "kind": columns["kind"],
            "text": columns["text"],
            "instrument_code": pa.array([code or "" for code, _ in contexts], pa.string()),
            "indicator_kind": pa.array([ANY_KIND if kind is None else kind for _, kind in contexts], pa.string()),
        }
    )
    return _with_readings(told, [(one.value, one.problem) for one in readings])


def _with_readings(spellings: pa.Table, readings: list[tuple[str, str]]) -> pa.Table:
    values = pa.array([value for value, _ in readings], pa.string())
    problems = pa.array([problem for _, problem in readings], pa.string())
    return spellings.append_column("value", values).append_column("problem", problems)
