"""From judged inventories to what's kept and published of them: objects in force, their tables, facts, the roadmap."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from spbe_etl.inventory.definitions import InventoryField, inventory_worksheets
from spbe_etl.reading import filled, table_of
from spbe_etl.resources import seed
from spbe_etl.warehouse import Warehouse, mart_columns

CORE = ("object", "object_link", "initiative", "planned_score", "plan_base", "fact")
BEFORE_PLAN = (
    "architecture_coverage",
    "reference_code",
    "integration",
    "indicator_fact",
    "roadmap_progress",
    "roadmap_index",
    "initiative_effect",
    "roadmap_alignment",
)
LISTS = ("references", "links", "indicator_list")
CASTS = {"DATE": "DATE", "INTEGER": "INTEGER", "DECIMAL(18,2)": "DECIMAL(18, 2)", "DECIMAL(18,10)": "DECIMAL(18, 10)"}
OWN = ("object_id", "object_name", "object_kind")
"""Fields that are columns of every object."""


@cache
def listed_tables() -> dict[str, str]:
    """Published table -> its worksheet, for each of the inventories."""
    return {row["table_name"]: row["worksheet"] for row in seed("object_kind")}


def build_objects(warehouse: Warehouse) -> None:
    """Objects in force tonight, what they refer to, and what's planned; after core.index."""
    for name in CORE:
        warehouse.run(f"core/{name}")
    parts = " UNION ALL ".join(_attributes(worksheet) for worksheet in inventory_worksheets())
    warehouse.execute(f"CREATE OR REPLACE TABLE core.object_attribute AS {parts}")


def build_tables(warehouse: Warehouse) -> None:
    """The published tables of the inventories that don't wait for a path."""
    for table, worksheet in listed_tables().items():
        warehouse.execute(f"CREATE OR REPLACE TABLE figures.{table} AS {_listed(table, worksheet)}")
    for table in BEFORE_PLAN:
        warehouse.build_mart(table)


def as_of_macros() -> Iterator[tuple[str, str]]:
    """Table macros of what's published: name, and the statement that makes it (mart.application_as_of, ...)."""
    for table, worksheet in listed_tables().items():
        columns = {one.field: one for one in inventory_worksheets()[worksheet]}
        told = ", ".join(_then(row["column_name"], row["column_type"], columns) for row in mart_columns(table))
        yield f"{table}_as_of", filled("ask/object_as_of", table=table, worksheet=worksheet, columns=told)


def _listed(table: str, worksheet: str) -> str:
    fields = {one.field: one for one in inventory_worksheets()[worksheet]}
    columns = {row["column_name"]: row["column_type"] for row in mart_columns(table)}
    own = [
        f"{_typed(fields[name], f'w.{name}', columns[name], _unread(fields[name]))} AS {name}"
        for name in columns
        if name in fields and name not in OWN
    ]
    others = [one for one in fields.values() if one.field not in (*columns, *OWN)]
    pairs = ", ".join(_pair(one) for one in others)
    return filled(
        "mart/listed",
        table=table_of(worksheet),
        worksheet=worksheet,
        columns=", ".join(own),
        attributes=f"nullif('{{' || concat_ws(',', {pairs}) || '}}', '{{}}')" if others else "CAST(NULL AS VARCHAR)",
    )


def _unread(one: InventoryField) -> str:
    return f"CASE WHEN w.{one.field}_problem IS NOT NULL THEN w.{one.field}_text END" if one.is_shown else ""


def _typed(one: InventoryField, value: str, column_type: str, text: str = "") -> str:
    """What a field says as a column of this type. `text`: how it stands where it can't be read; a code is kept so."""
    if one.reader == "yes_no":
        return f"{value} = 'yes'"
    if one.reader in LISTS:
        return f"CASE WHEN {value} IS NOT NULL THEN array_to_string(from_json({value}, '[\"VARCHAR\"]'), '; ') END"
    if column_type in CASTS:
        return f"TRY_CAST({value} AS {CASTS[column_type]})"
    return f"coalesce({value}, {text})" if text else value


def _then(name: str, column_type: str, fields: dict[str, InventoryField]) -> str:
    """A column of an object as it was: its own, or out of its attributes."""
    if name in fields and name not in OWN:
        value = f"json_extract_string(attributes, '$.{name}')"
        return f"{_typed(fields[name], value, column_type)} AS {name}"
    if name == "kind_name":
        kinds = " ".join(f"WHEN '{row['object_kind']}' THEN '{row['kind_name']}'" for row in seed("object_kind"))
        return f"CASE object_kind {kinds} END AS kind_name"
    if name in ("attributes", "is_complete"):
        return f"CAST(NULL AS {column_type}) AS {name}"
    return name


def _attributes(worksheet: str) -> str:
    pairs = ", ".join(_pair(one) for one in inventory_worksheets()[worksheet] if one.field != "object_id")
    return filled("core/object_attribute", table=table_of(worksheet), worksheet=worksheet, pairs=pairs)


def _pair(one: InventoryField) -> str:
    """A field and what's said in it, as a member of a JSON object; NULL where nothing is."""
    value = f"coalesce(w.{one.field}, w.{one.field}_text)" if one.is_shown else f"w.{one.field}"
    return f"CASE WHEN {value} IS NOT NULL THEN '\"{one.field}\":' || to_json({value}) END"
