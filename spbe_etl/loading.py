"""From landed Parquet to raw and read: new contents are kept and read once, what's in force is found."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa

from spbe_etl.errors import SourceError
from spbe_etl.extraction import REGISTER_OPD, KnownVersions
from spbe_etl.instruments import Instrument
from spbe_etl.landing import rebuild
from spbe_etl.reading import check_files, prepare_reading, read_new, reading_version
from spbe_etl.warehouse import Warehouse, sql
from spbe_etl.workbooks import Workbook, Worksheet, find_header

COLUMN = ("content_no", "field", "col_no")


def land(warehouse: Warehouse, folder: Path, accepted: Iterable[str]) -> None:
    """Add what a run landed to raw, in one transaction: new contents, and what's no longer as it was."""
    prepare_reading(warehouse)
    warehouse.register("landed_accepted", pa.table({"code": pa.array(list(accepted), pa.string())}))
    if files := [str(path) for path in sorted(folder.glob("*.workbook.parquet"))]:
        warehouse.execute(f"CREATE OR REPLACE TEMP TABLE landed_workbook AS FROM read_parquet({files})")
    warehouse.run("raw/weighed_fetch")
    warehouse.begin()
    for name in ("content", "fetch", "fetch_worksheet", "visit"):
        warehouse.run(f"raw/{name}")
    warehouse.commit()
    if not warehouse.rows("SELECT 1 FROM weighed_fetch WHERE is_new LIMIT 1"):
        shutil.rmtree(folder, ignore_errors=True)  # nothing came that isn't held already


def read(warehouse: Warehouse, instruments: Mapping[str, Instrument], raw: Path) -> dict[str, str]:
    """Find what's in force for `tonight`, and read the contents that weren't read before.

    Gives the institutions that can't be read and why, if any, and reads nothing then: a header that today's
    synonyms don't allow would make a workbook's answers vanish.
    """
    prepare_reading(warehouse)
    warehouse.run("read/source")
    warehouse.run("read/new_content")
    columns, unreadable = _found_again(warehouse, raw)
    if unreadable:
        return unreadable
    warehouse.register("landed_column", columns)
    warehouse.run("read/column")
    read_new(warehouse, instruments, raw)
    return {}


def last_register(warehouse: Warehouse, raw: Path, source_key: str) -> Workbook | None:
    """The last good register of a source, rebuilt from its landed rows."""
    rows = warehouse.rows(
        "SELECT f.workbook, c.content_hash, c.title, c.file FROM raw.fetch AS f "
        "JOIN raw.fetch_worksheet AS w USING (run_no, institution_code, opd_code) "
        "JOIN raw.content AS c USING (content_no) "
        "WHERE f.source_key = $1 AND f.opd_code = $2 AND f.state = 'good' "
        "QUALIFY f.run_no = max(f.run_no) OVER ()",
        [source_key, REGISTER_OPD],
    )
    if not rows:
        return None
    return Workbook(rows[0]["workbook"], tuple(worksheets(warehouse, raw, rows).values()))


def worksheets(warehouse: Warehouse, raw: Path, contents: Sequence[Mapping[str, str]]) -> dict[str, Worksheet]:
    """Worksheets as they came, by content hash. `contents`: content_hash, title and file of each."""
    if not contents:
        return {}
    titles = {row["content_hash"]: row["title"] for row in contents}
    files = sorted({str(raw / f"{row['file']}.row.parquet") for row in contents})
    check_files(files)
    rows = warehouse.rows(
        f"SELECT DISTINCT ON (content_hash, row_no) * FROM read_parquet({files}) "
        f"WHERE list_contains($1, content_hash) ORDER BY content_hash, row_no",
        [list(titles)],
    )
    return rebuild(rows, titles)


def known_versions(warehouse: Warehouse, institution_code: str, night: date, full_read_nights: int) -> KnownVersions:
    """What needn't be read again on a night: nothing when a full read is due."""
    rows = warehouse.rows(sql("raw/known_version"), [institution_code, night, full_read_nights, reading_version()])
    return {row["opd_code"]: (row["workbook"], row["version"]) for row in rows}


def known_contents(warehouse: Warehouse, content_hashes: Sequence[str]) -> set[str]:
    """Which of these contents raw holds already."""
    rows = warehouse.rows(
        "SELECT content_hash FROM raw.content WHERE list_contains($1, content_hash)", [list(content_hashes)]
    )
    return {row["content_hash"] for row in rows}


def _found_again(warehouse: Warehouse, raw: Path) -> tuple[pa.Table, dict[str, str]]:
    """Where the fields stand in contents whose header tonight's extraction didn't find, since an earlier one did.

    And institution -> why one of its headers can't be found any more.
    """
    absent = warehouse.rows("FROM new_content WHERE NOT is_landed")
    rows: list[tuple[int, str, int]] = []
    header_rows: list[tuple[int, int]] = []
    unreadable: dict[str, str] = {}
    found = worksheets(warehouse, raw, absent)
    for one in absent:
        try:
            header = find_header(one["workbook"], one["worksheet"], found[one["content_hash"]])
        except SourceError as error:
            unreadable.setdefault(one["institution_code"], str(error))
            continue
        if header is not None:
            header_rows.append((one["content_no"], header.last_row_no))
            rows.extend((one["content_no"], field, col_no) for field, col_no in header.columns.items())
    warehouse.register("landed_header", _table(header_rows, ("content_no", "last_header_row_no")))
    warehouse.execute(
        "UPDATE new_content AS n SET last_header_row_no = h.last_header_row_no FROM landed_header AS h "
        "WHERE n.content_no = h.content_no"
    )
    return _table(rows, COLUMN), unreadable


def _table(rows: Sequence[Sequence[object]], names: Sequence[str]) -> pa.Table:
    kinds = {"field": pa.string()}
    columns = list(zip(*rows, strict=True)) if rows else [() for _ in names]
    return pa.table(
        {name: pa.array(column, kinds.get(name, pa.int32())) for name, column in zip(names, columns, strict=True)}
    )
