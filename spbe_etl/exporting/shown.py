"""How rows of `warehouse/export/` are shown: headers and codes in our words, figures with two decimals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from spbe_etl.exporting.sheets import LOOKS_BY_TYPE, SHOWN, Look, words
from spbe_etl.resources import seed

CODED = ("stage", "source", "break_reason")


def headers(columns: Sequence[str]) -> list[str]:
    """What stands above each column."""
    return [words()[name] for name in columns]


def spoken(row: Mapping[str, Any], columns: Sequence[str]) -> list[object]:
    """A row's values in the order of the columns, codes as people call them."""
    return [_codes().get((name, row[name]), row[name]) if name in CODED else row[name] for name in columns]


def looks_of(columns: Sequence[str]) -> list[Look]:
    """Each column's look: exact figures are shown with two decimals, and keep the others."""
    return [_looks()[name] for name in columns]


@cache
def _looks() -> Mapping[str, Look]:
    """By the type that the column has in the published tables, the same wherever it stands."""
    types = {row["column_name"]: row["column_type"] for row in seed("mart_column")}
    return {name: Look(SHOWN) if kind.startswith("DECIMAL") else LOOKS_BY_TYPE[kind] for name, kind in types.items()}


@cache
def _codes() -> Mapping[tuple[str, object], str]:
    codes: dict[tuple[str, object], str] = {("stage", row["stage"]): row["stage_name"] for row in seed("stage")}
    for key, text in words().items():
        name, separator, code = key.partition(": ")
        if separator:
            codes[name, code] = text
    return codes
