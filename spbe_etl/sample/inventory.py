"""What each OPD of the synthetic Selayar lists in its inventories, before any fault.

Objects are lines of data files in `seeds/sample/`, one file a table; `KEC-*` stands for every kecamatan that has
joined. What a line doesn't say comes from `inventory_text.csv`, where the seed picks among several texts: never a
name, an address, a date, or what an object refers to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from random import Random

from spbe_etl.inventory.definitions import InventoryField, inventory_fields
from spbe_etl.resources import seed
from spbe_etl.templates.inventories import kind_names
from spbe_etl.templates.sheets import CellValue

EVERY_DISTRICT = "KEC-*"
DISTRICT = "Kecamatan"
Row = dict[str, CellValue]
Line = Mapping[str, str]


@cache
def tables() -> Mapping[str, str]:
    """Worksheet of an inventory -> the data file of its objects."""
    files = {"security_control": "security"}
    return {row["worksheet"]: files.get(row["table_name"], row["table_name"]) for row in seed("object_kind")}


def lines_of(opd: Line, worksheet: str) -> Iterator[Line]:
    """The lines of a data file that are about an OPD, those of every kecamatan included."""
    is_district = opd["opd_kind"] == DISTRICT
    for line in seed(f"sample/{tables()[worksheet]}"):
        if line["opd_code"] == opd["opd_code"] or (is_district and line["opd_code"] == EVERY_DISTRICT):
            yield line


def inventory_rows(opd: Line, worksheet: str, seed_no: int) -> list[Row]:
    """The rows of one OPD's worksheet, one per object (field -> value), in the order of the data file."""
    chance = Random(f"{seed_no}/{opd['opd_code']}/{worksheet}")  # noqa: S311  sample data, no secret
    return [_row(line, opd, worksheet, chance) for line in lines_of(opd, worksheet)]


def typed(one: InventoryField, text: str) -> CellValue:
    """A text of a data file as a person types it into such a cell; what can't be such a value stays text."""
    try:
        if one.reader == "date":
            return date.fromisoformat(text)
        if one.reader in ("year", "money"):
            return int(text)
        if one.reader in ("target", "figure"):
            return int(text) if text.isdigit() else Decimal(text)
    except (ValueError, ArithmeticError):
        return text
    return int(text) if one.reader == "indicator_list" and text.isdigit() else text


def _row(line: Line, opd: Line, worksheet: str, chance: Random) -> Row:
    kinds = kind_names(worksheet)
    kind = line.get("object_kind") or next(iter(kinds))
    more = dict(part.split("=", 1) for part in line.get("more", "").split(";") if part)
    known = {"opd_name": opd["opd_name"], "place": opd["opd_name"].removeprefix(f"{DISTRICT} ")}
    stated = {field: text.format(**known) for field, text in {**line, **more}.items()}
    known |= stated
    row: Row = {}
    for one in _fields(kind):
        if one.need == "kind":
            row[one.field] = kinds[kind]
            continue
        text = stated.get(one.field)
        if text is None and (texts := _texts().get((kind, one.field))):
            text = chance.choice(texts).format(**known)
        row[one.field] = typed(one, text) if text else None
    return row


@cache
def _fields(kind: str) -> tuple[InventoryField, ...]:
    return tuple(one for one in inventory_fields() if one.object_kind == kind)


@cache
def _texts() -> Mapping[tuple[str, str], tuple[str, ...]]:
    texts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in seed("sample/inventory_text"):
        texts[row["object_kind"], row["field"]].append(row["value"])
    return {key: tuple(found) for key, found in texts.items()}
