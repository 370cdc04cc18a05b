"""Distinct spellings in, canonical values and problems out: the one place where tables meet cells.py and scores.py."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pyarrow as pa

from spbe_etl.cells import READERS, Cell
from spbe_etl.instruments import Instrument
from spbe_etl.scores import Scale, read_score, scale_of, widest_scale


def read_spellings(spellings: pa.Table) -> pa.Table:
    """Columns reader, kind, text -> the same with value and problem."""
    columns = spellings.to_pydict()
    readings = [
        READERS[reader](Cell(kind, text))
        for reader, kind, text in zip(columns["reader"], columns["kind"], columns["text"], strict=True)
    ]
    return _with_readings(spellings, [(one.value, one.problem) for one in readings])


def read_scores(spellings: pa.Table, instruments: Mapping[str, Instrument]) -> pa.Table:
    """Columns kind, text, instrument_code, indicator_kind -> the same with value and problem."""

    @cache
    def scale(code: str | None, indicator_kind: str | None) -> Scale:
        return widest_scale(instruments.values()) if code is None else scale_of(instruments[code], indicator_kind)

    columns = spellings.to_pydict()
    contexts = zip(columns["instrument_code"], columns["indicator_kind"], strict=True)
    cells = zip(columns["kind"], columns["text"], strict=True)
    readings = [
        read_score(Cell(kind, text), scale(code, indicator_kind))
        for (kind, text), (code, indicator_kind) in zip(cells, contexts, strict=True)
    ]
    return _with_readings(spellings, [(one.value, one.problem) for one in readings])


def _with_readings(spellings: pa.Table, readings: list[tuple[str, str]]) -> pa.Table:
    values = pa.array([value for value, _ in readings], pa.string())
    problems = pa.array([problem for _, problem in readings], pa.string())
    return spellings.append_column("value", values).append_column("problem", problems)
