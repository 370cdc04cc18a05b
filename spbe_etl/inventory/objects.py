"""The inventories laid out to be judged: objects with their ids, what they refer to, cells that may be at fault.

The fields (`seeds/inventory_field.csv`) make the queries. A night looks at the cells of few rows only: a row that no
condition of its worksheet questions is whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from spbe_etl.inventory.definitions import TARGET_FIELD, InventoryField, inventory_fields, inventory_worksheets
from spbe_etl.reading import filled, table_of
from spbe_etl.warehouse import Warehouse, sql

ROADMAP = "Peta Rencana"
DATASETS = "Data"
BY_OBJECT = ("id", "kind")
"""Needs that are judged by object, not by cell."""
RECENT_YEARS, COMING_YEARS = 5, 1
USUAL_DIGITS = (6, 11)
"""What's usual needs no look: years from so many ago to so many ahead, amounts of so many digits."""


def lay_out(warehouse: Warehouse) -> None:
    """Make judged.object, judged.reference and judged.inventory of the inventories in force; after core.opd."""
    found = {row["worksheet"] for row in warehouse.rows("SELECT DISTINCT worksheet FROM source")}
    present = [name for name in inventory_worksheets() if name in found or name == ROADMAP]
    parts = " UNION ALL ".join(_listed(name) for name in present)
    warehouse.execute(f"CREATE OR REPLACE TEMP TABLE listed_object AS {parts}")
    warehouse.run("judged/object")
    stated = " UNION ALL BY NAME ".join([sql("judged/no_reference"), *(q for name in present for q in _stated(name))])
    warehouse.execute(f"CREATE OR REPLACE TEMP TABLE stated_reference AS {stated}")
    warehouse.run("judged/reference")
    warehouse.execute(f"CREATE OR REPLACE TEMP TABLE stated_target AS {_targets()}")
    for name in ("initiative", "initiative_target", "initiative_indicator", "initiative_owner"):
        warehouse.run(f"judged/{name}")
    lists = {row["reference"]: row["depth"] for row in warehouse.rows(sql("judged/code_list"))}
    faults = ["object_fault", "reference_fault", "initiative_fault", *(["unclassified"] if DATASETS in present else [])]
    queries = [sql(f"judged/{name}") for name in faults]
    for name in present:
        conditions = [condition for one in _judged(name) for _, _, condition in _checks(one, lists)]
        warehouse.execute(
            filled("judged/questioned", table=table_of(name), worksheet=name, faults=" OR ".join(conditions))
        )
        queries += [query for one in _judged(name) for query in _faults(one, lists)]
    warehouse.execute(
        filled("judged/inventory", parts="".join(f"UNION ALL BY NAME (\n{query})\n" for query in queries))
    )


def _listed(worksheet: str) -> str:
    columns = inventory_worksheets()[worksheet]
    has_kinds = any(one.need == "kind" for one in columns)
    content = [one.field for one in columns if one.need not in ("label", "kind")]
    holds = " OR ".join(f"w.{field} IS NOT NULL OR w.{field}_problem IS NOT NULL" for field in content)
    body = [field for field in content if field not in ("object_id", "object_name")]
    kind = "w.object_kind" if has_kinds else f"'{columns[0].object_kind}'"
    return filled(
        "judged/listed_object",
        worksheet=worksheet,
        table=table_of(worksheet),
        kind=kind,
        is_blank=f"NOT ({holds})",
        name=f"coalesce({', '.join(f'said(w.{field})' for field in names(worksheet))})",
        values=_joined([*([kind] if has_kinds else []), "w.object_name", *(f"w.{field}" for field in body)]),
        body=_joined([f"w.{field}" for field in body]),
        national_code=_national_code(columns),
    )


def _national_code(columns: Sequence[InventoryField]) -> str:
    """Levels 1 and 2 of the first of an object's reference codes that has them."""
    codes = [
        f"nullif(regexp_extract(w.{one.field}, '^(?:{one.refers_to}[.])?([0-9]+[.][0-9]+)', 1), '')"
        for one in columns
        if one.reader == "reference_code"
    ]
    return f"coalesce({', '.join(codes)})" if codes else "CAST(NULL AS VARCHAR)"


@cache
def names(worksheet: str) -> tuple[str, ...]:
    """The fields that can name an object, the first that says something does: its name, else what's needed first."""
    own = [one.field for one in inventory_worksheets()[worksheet] if one.need == "name"]
    first: dict[str, str] = {}
    for one in inventory_fields():
        if one.worksheet == worksheet and one.need == "needed" and one.reader == "text" and not one.refers_to:
            first.setdefault(one.object_kind, one.field)
    return tuple(dict.fromkeys([*own, *first.values()]))


def _joined(values: Sequence[str]) -> str:
    return " || chr(31) || ".join(f"coalesce({value}, '')" for value in values)


def _stated(worksheet: str) -> Iterator[str]:
    for one in inventory_worksheets()[worksheet]:
        if one.refers_to in inventory_worksheets():
            yield filled(
                "judged/reference_part",
                table=table_of(worksheet),
                worksheet=worksheet,
                field=one.field,
                refers_to=one.refers_to,
                elements=f"listed_links(w.{one.field})",
            )


def _targets() -> str:
    """Grain: one row per row of Peta Rencana, year and target, and the field that says so."""
    columns = [one.field for one in inventory_worksheets()[ROADMAP] if one.reader == "target"]
    parts = [
        f"SELECT row_key, '{field}' AS field, {field.removeprefix(TARGET_FIELD)} AS year, {field} AS target "
        f"FROM planned WHERE {field} IS NOT NULL"
        for field in columns
    ]
    return filled("judged/stated_target", columns=" UNION ALL ".join(parts))


def _judged(worksheet: str) -> list[InventoryField]:
    """A worksheet's columns that are judged by cell."""
    return [one for one in inventory_worksheets()[worksheet] if one.need not in (*BY_OBJECT, "label")]


def _checks(one: InventoryField, lists: dict[str, int]) -> Iterator[tuple[str, str, str]]:
    """What a column of judged.inventory says of a field's cells, and for which: column, value, condition."""
    yield "cell_problem", f"{one.field}_problem", f"{one.field}_problem IN ('error', 'formula')"
    yield "unreadable_as", f"'{one.reader}'", f"{one.field}_problem NOT IN ('error', 'formula')"
    if needing := _kinds_that_need(one):
        is_empty = f"said({one.field}) IS NULL AND {one.field}_problem IS NULL"
        yield "is_missing", "true", f"({is_empty} AND of_kind IN ({needing}))"
    if one.reader in ("date", "year"):
        year = f"CAST({one.field}[:4] AS INTEGER) - year(getvariable('snapshot_on'))"
        column = "years_ahead" if one.reader == "year" else "date_years_ahead"
        yield column, year, f"{year} NOT BETWEEN -{RECENT_YEARS} AND {COMING_YEARS}"
    if one.not_before:
        yield "is_reversed", "true", f"{one.field} < {one.not_before}"
    if one.reader == "money":
        digits = f"CAST(length(split_part({one.field}, '.', 1)) AS INTEGER)"
        yield (
            "money_digits",
            digits,
            f"({one.field} <> '0' AND {digits} NOT BETWEEN {USUAL_DIGITS[0]} AND {USUAL_DIGITS[1]})",
        )
    if one.reader == "reference_code":
        yield from _code_checks(one, lists)
    if one.field == "classification":
        # which of them need one is told by judged/unclassified.sql
        yield "is_missing", "NULL", f"said({one.field}) IS NULL"


def _code_checks(one: InventoryField, lists: dict[str, int]) -> Iterator[tuple[str, str, str]]:
    levels = f"len(string_split(regexp_replace({one.field}, '^[A-Z]+[.]', ''), '.'))"
    _, _, level = one.field.rpartition("_level_")
    if level.isdigit():
        yield "levels_off", f"CAST({levels} - {level} AS INTEGER)", f"{levels} <> {level}"
    prefix = f"regexp_extract({one.field}, '^[A-Z]+')"
    yield "is_of_other_domain", "true", f"{prefix} NOT IN ('', '{one.refers_to}')"
    if depth := lists.get(one.refers_to):
        known = f"regexp_extract({one.field}, '^(?:[A-Z]+[.])?([0-9]+(?:[.][0-9]+){{0,{depth - 1}}})', 1)"
        codes = f"(SELECT levels FROM ref.code_list WHERE reference = '{one.refers_to}')"
        yield "is_code_unknown", "true", f"{known} NOT IN {codes}"


def _kinds_that_need(one: InventoryField) -> str:
    kinds = [
        other.object_kind
        for other in inventory_fields()
        if (other.worksheet, other.field, other.need) == (one.worksheet, one.field, "needed")
    ]
    return ", ".join(f"'{kind}'" for kind in kinds)


def _faults(one: InventoryField, lists: dict[str, int]) -> Iterator[str]:
    """Queries for the cells of a field that may be at fault."""
    checks = [check for check in _checks(one, lists) if check[1] != "NULL"]
    told = ", ".join(f"CASE WHEN {condition} THEN {value} END AS {column}" for column, value, condition in checks)
    questioned = " OR ".join(condition for _, _, condition in checks)
    yield (
        f"SELECT row_key, source_no, '{one.field}' AS field, {told} "
        f"FROM questioned_{table_of(one.worksheet)} WHERE {questioned}"
    )
