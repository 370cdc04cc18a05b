"""Lists of reference codes that the user adds, in `<data directory>/reference/`: from then on they say which are known.

No official list is shipped or invented. A file is a CSV with the columns `kode` and `nama`, named after its reference:
`RAB.csv`, `RAL.csv`, ..., and `peta-rencana.csv` for codes of the national roadmap.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from spbe_etl.cells import Cell, loosen, tidy
from spbe_etl.errors import ConfigurationError
from spbe_etl.inventory.cells import read_reference_code
from spbe_etl.inventory.definitions import inventory_fields
from spbe_etl.resources import read_csv
from spbe_etl.warehouse import Warehouse

ROADMAP_LIST = "peta-rencana"
NATIONAL_ROADMAP = "national_roadmap"


def load_code_lists(warehouse: Warehouse, folder: Path) -> None:
    """Take in the lists that are there; raises ConfigurationError for one that can't be read."""
    found = read_code_lists(folder)
    warehouse.execute("DELETE FROM ref.code_list")
    warehouse.fill_reference("code_list", [row for rows in found.values() for row in rows])


def read_code_lists(folder: Path) -> dict[Path, list[dict[str, object]]]:
    """The codes of each list that's there, by its file; raises ConfigurationError for one that can't be read."""
    paths = (folder / f"{name}.csv" for name in list_names())
    return {path: list(_rows(path)) for path in paths if path.is_file()}


def list_names() -> list[str]:
    """What lists can be named after: RAB, ..., and the national roadmap's."""
    references = {one.refers_to for one in inventory_fields() if one.reader == "reference_code"}
    return [*sorted(references), ROADMAP_LIST]


def _rows(path: Path) -> Iterator[dict[str, object]]:
    try:
        rows = read_csv(path)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} can't be read as a CSV of kode and nama: {error}") from error
    headers = {loosen(header): header for header in rows[0]} if rows else {}
    if rows and "kode" not in headers:
        raise ConfigurationError(
            f"{path}: no column kode; found: {', '.join(rows[0])[:80]}. Its columns are kode, nama."
        )
    for line, row in enumerate(rows, start=2):
        code, name = tidy(row[headers["kode"]]), tidy(row.get(headers.get("nama", ""), ""))
        if path.stem == ROADMAP_LIST:
            yield {"reference": NATIONAL_ROADMAP, "levels": code.upper(), "name": name}
            continue
        levels = read_reference_code(Cell("text", code)).value.removeprefix(f"{path.stem}.")
        if not levels[:1].isdigit():
            raise ConfigurationError(f"{path}, line {line}: '{code[:40]}' is no code such as {path.stem}.01.02.")
        yield {"reference": path.stem, "levels": levels, "name": name}
