"""The columns of the inventories as a template shows them: their order, which kinds have them, which may stay empty."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from spbe_etl.inventory.definitions import InventoryField, inventory_fields
from spbe_etl.resources import seed

LEADING = ("object_kind", "content", "sequence_no", "object_id", "object_name", "description")
"""What says which object a row is about stands first, in this order."""
MAY_STAY_EMPTY = ("optional", "label")


@dataclass(frozen=True)
class InventoryColumn:
    """A column of an inventory, whichever kinds of objects have it.

    `kinds` that have it, `other_kinds` of its worksheet that don't, and those it's `needed_by`: names in Bahasa.
    """

    worksheet: str
    field: str
    header: str
    reader: str
    hint: str
    kinds: tuple[str, ...]
    other_kinds: tuple[str, ...]
    needed_by: tuple[str, ...]


@cache
def kind_names(worksheet: str) -> Mapping[str, str]:
    """Object kind -> its name (Bahasa), for the kinds of objects of one worksheet."""
    return {row["object_kind"]: row["kind_name"] for row in seed("object_kind") if row["worksheet"] == worksheet}


@cache
def inventory_columns(worksheet: str) -> tuple[InventoryColumn, ...]:
    """An inventory's columns in the order we write them; none for another worksheet.

    After the leading ones come those that several kinds of objects share, then each kind's own side by side.
    """
    by_field: dict[str, list[InventoryField]] = defaultdict(list)
    for one in inventory_fields():
        if one.worksheet == worksheet:
            by_field[one.field].append(one)
    places = list(by_field)
    is_shared = {field: len(of_kinds) > 1 for field, of_kinds in by_field.items()}

    def order(field: str) -> tuple[int, bool, int]:
        leading = LEADING.index(field) if field in LEADING else len(LEADING)
        return leading, not is_shared[field], places.index(field)

    return tuple(_column(by_field[field]) for field in sorted(places, key=order))


def _column(of_kinds: list[InventoryField]) -> InventoryColumn:
    first, names = of_kinds[0], kind_names(of_kinds[0].worksheet)
    return InventoryColumn(
        first.worksheet,
        first.field,
        first.header,
        first.reader,
        hint=next((one.hint for one in of_kinds if one.hint), ""),
        kinds=tuple(names[one.object_kind] for one in of_kinds),
        other_kinds=tuple(name for kind, name in names.items() if kind not in {one.object_kind for one in of_kinds}),
        needed_by=tuple(names[one.object_kind] for one in of_kinds if one.need not in MAY_STAY_EMPTY),
    )
