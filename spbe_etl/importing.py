"""Published figures taken in: the evaluation portal's JSON export, read whole or refused, kept as it's printed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints, TypeAdapter
from pydantic import ValidationError as PydanticError

from spbe_etl.errors import ConfigurationError
from spbe_etl.instruments import Instrument
from spbe_etl.resources import seed
from spbe_etl.warehouse import Warehouse, sql

LARGEST_FILE = 200_000_000
COLUMNS = ("portal_code", "institution", "institution_kind", "region", "year", "part", "printed")
SHAPE = "a list of objects with kode, tahun, nama_instansi, kategori, daerah, nilai"
_NUMBER = re.compile(r"[0-9]{1,7}([.,][0-9]{1,10})?", re.ASCII)


def _as_text(value: object) -> object:
    """A code or number that isn't quoted is as good."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("has characters that can't be printed")
    return text


def _number(text: str | None) -> str | None:
    if text is None or not text.strip():
        return None
    if not _NUMBER.fullmatch(text.strip()):
        raise ValueError("isn't a number of 0 or more with at most 10 decimals, such as 2.5900000000")
    return text.strip().replace(",", ".")


Text = Annotated[
    str,
    BeforeValidator(_as_text),
    StringConstraints(strip_whitespace=True, max_length=200),
    AfterValidator(_printable),
]
Word = Annotated[Text, StringConstraints(min_length=1)]
Year = Annotated[Text, StringConstraints(pattern=r"^[12][0-9]{3}$")]
Printed = Annotated[str | None, BeforeValidator(_as_text), AfterValidator(_number)]


class Result(BaseModel):
    """One institution's result of one year, in the portal's words."""

    model_config = ConfigDict(extra="ignore")

    kode: Word
    tahun: Year
    nama_instansi: Word
    kategori: Text = ""
    daerah: Text | None = None
    nilai: dict[Text, Printed]


@dataclass(frozen=True)
class Export:
    """What a file holds: `rows` have COLUMNS; `unknown` are keys of nilai that stand for no part."""

    file: Path
    content_hash: str
    rows: Sequence[Mapping[str, Any]]
    unknown: tuple[str, ...]


def read_export(file: Path, instruments: Mapping[str, Instrument]) -> Export:
    """Read an export of the portal; raises ConfigurationError that names the element and what's valid."""
    content = _content(file)
    try:
        elements = json.loads(
            content, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_without_twins
        )
        results = TypeAdapter(list[Result]).validate_python(elements)
    except PydanticError as error:
        raise ConfigurationError(f"{file}: {_told(error, elements)}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{file} is no JSON: {error}. Give {SHAPE}.") from error
    found: dict[tuple[str, str], Result] = {}
    for position, one in enumerate(results, start=1):
        if found.setdefault((one.kode, one.tahun), one) != one:
            raise ConfigurationError(
                f"{file}, element {position}: {one.kode} {one.tahun} stands there twice, differently."
            )
    parts = {(row["instrument_code"], row["portal_key"]): row["part"] for row in seed("portal_part")}
    rows = [row for one in found.values() for row in _rows(file, one, parts, instruments)]
    if not rows:
        raise ConfigurationError(f"{file} holds no figure. Give {SHAPE}.")
    keys = {key for _, key in parts}
    unknown = sorted({key for one in found.values() for key in one.nilai} - keys)
    return Export(file, hashlib.sha256(content).hexdigest(), rows, tuple(unknown))


def take_in(warehouse: Warehouse, export: Export, now: datetime) -> int:
    """Keep an export's figures, in force from the next run on; gives how many are other than those in force."""
    table = pa.table(
        {
            name: pa.array([row[name] for row in export.rows], pa.int32() if name == "year" else pa.string())
            for name in COLUMNS
        }
    )
    warehouse.register("landed_import", table)
    warehouse.execute("CREATE OR REPLACE TEMP TABLE tonight (institution_code VARCHAR, run_no BIGINT)")
    warehouse.run("core/imported_figure")
    (counted,) = warehouse.rows(sql("raw/import_change"))
    if counted["changed"]:
        warehouse.begin()
        warehouse.execute(sql("raw/import"), [now.replace(tzinfo=None), export.content_hash, _name(export.file)])
        warehouse.run("raw/import_figure")
        warehouse.commit()
    return int(counted["changed"])


def _name(file: Path) -> str:
    """A file's name as text, whatever its bytes."""
    return file.name.encode(errors="replace").decode()


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise ConfigurationError(f"{file} is larger than {LARGEST_FILE // 10**6} MB. Split it by year.")
        return file.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{file} can't be read: {error.strerror or error}. Give {SHAPE}.") from error


def _without_twins(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _told(error: PydanticError, elements: object) -> str:
    """The first thing that's wrong, with its place."""
    first = error.errors(include_url=False)[0]
    if not first["loc"]:
        return f"this isn't {SHAPE}."
    place, *path = first["loc"]
    element = elements[place] if isinstance(elements, list) and isinstance(place, int) else None
    code = element.get("kode") if isinstance(element, dict) else None
    who = f" (kode {code!s:.40})" if isinstance(code, str) else ""
    name = ".".join(str(one) for one in path) or "it"
    what = first["msg"].removeprefix("Value error, ")
    found = "" if isinstance(first["input"], dict | list) else f"; found {first['input']!r:.60}"
    where = f"element {place + 1}{who}" if isinstance(place, int) else str(place)
    return f"{where}: {name}: {what}{found}. Give {SHAPE}."


def _rows(
    file: Path, one: Result, parts: Mapping[tuple[str, str], str], instruments: Mapping[str, Instrument]
) -> Iterator[dict[str, Any]]:
    year = int(one.tahun)
    code = next((each.code for each in instruments.values() if each.covers(year)), "")
    if not any(instrument == code for instrument, _ in parts):
        years = " and ".join(sorted({instrument for instrument, _ in parts}))
        raise ConfigurationError(f"{file}, kode {one.kode}: tahun {year} isn't one of {years}.")
    figures = {
        parts[code, key]: printed for key, printed in one.nilai.items() if printed is not None and (code, key) in parts
    }
    if not figures:
        raise ConfigurationError(
            f"{file}, kode {one.kode}, tahun {year}: nilai holds no figure. Leave the element out."
        )
    for part, printed in figures.items():
        yield {
            "portal_code": one.kode,
            "institution": one.nama_instansi,
            "institution_kind": one.kategori,
            "region": one.daerah or "",
            "year": year,
            "part": part,
            "printed": printed,
        }
