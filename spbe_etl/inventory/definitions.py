"""Object kinds and their fields, as `seeds/object_kind.csv` and `seeds/inventory_field.csv` define them.

A line of the one is a kind, a line of the other a field of a kind: nothing else has to be told of either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from spbe_etl.resources import seed

NEEDS = ("id", "kind", "name", "needed", "optional", "label")
"""What a field is to its object: `id`, `kind` and `name` tell it from others, `needed` ones make it complete, a
`label` is the sheet's own and no content."""
TARGET_FIELD = "target_"
"""In front of the year: an initiative's target for that year."""


@dataclass(frozen=True)
class InventoryField:
    """A field of one object kind. `refers_to`: a worksheet, `OPD`, `indicator`, or a reference such as `RAB`.

    `not_before`: the date field of the same object that this one must not come before. `hint`: what to do (Bahasa).
    """

    worksheet: str
    object_kind: str
    field: str
    header: str
    reader: str
    need: str
    refers_to: str
    not_before: str
    is_shown: bool
    origin: str
    hint: str


@cache
def inventory_fields() -> tuple[InventoryField, ...]:
    """Every field of every object kind, in the order of the worksheets."""
    return tuple(
        InventoryField(**{**row, "is_shown": row["is_shown"] == "yes"})  # type: ignore[arg-type]
        for row in seed("inventory_field")
    )


@cache
def inventory_worksheets() -> Mapping[str, tuple[InventoryField, ...]]:
    """Worksheet -> its columns, each once, whichever kinds have it."""
    columns: dict[str, dict[str, InventoryField]] = {}
    for one in inventory_fields():
        columns.setdefault(one.worksheet, {}).setdefault(one.field, one)
    return {worksheet: tuple(found.values()) for worksheet, found in columns.items()}
