"""The working file kept safe: copied after every run, checked before, replaced by its copy when it is damaged.

A file that is what the last run left needs no look inside. One that isn't (a run was killed, or the disk erred) is
read whole: DuckDB's checksums tell a damaged block. The damaged file is kept beside, for whoever wants to know.
"""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from spbe_etl.errors import PublicationError, unwritable
from spbe_etl.folders import sha256_of, sync
from spbe_etl.warehouse import first_line

COPY, SEAL = ".copy", ".sha256"
DAMAGED = ".damaged-{moment:%Y%m%dT%H%M%S}"


def keep_copy(path: Path) -> None:
    """Copy a working file that was closed well, and seal it; a copy that's cut off leaves the one before."""
    if _log(path).exists() or (_beside(path, COPY).exists() and not _nights(path) and _nights(_beside(path, COPY))):
        return
    seal = sha256_of(path)
    if _seal(path) == seal and _beside(path, COPY).exists():
        return
    unfinished = _beside(path, f"{COPY}.new")
    try:
        shutil.copyfile(path, unfinished)
        unfinished.chmod(0o600)
        sync(unfinished)
        os.replace(unfinished, _beside(path, COPY))
        _beside(path, SEAL).write_text(seal)
        sync(path.parent)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise PublicationError(unwritable(unfinished, error.strerror or str(error))) from error


def restore_if_damaged(path: Path) -> str:
    """Put the copy in the place of a damaged working file; what was done, empty if nothing was wrong."""
    copy = _beside(path, COPY)
    if not copy.exists() or _is_sealed(path):
        return ""
    damage = _damage(path) if path.exists() else ""
    problem = f"damaged ({damage})" if damage else "gone" if not path.exists() else ""
    if not problem or _damage(copy):
        return ""
    unfinished = _beside(path, ".new")
    shutil.copyfile(copy, unfinished)
    unfinished.chmod(0o600)
    sync(unfinished)
    aside = _beside(path, DAMAGED.format(moment=datetime.now(UTC)))
    for old, new in ((_log(path), _log(aside)), (path, aside)):
        if old.exists():
            os.replace(old, new)
    os.replace(unfinished, path)
    sync(path.parent)
    kept = f"; the damaged file is kept as {aside.name}" if aside.exists() else ""
    return (
        f"{path} was {problem} and is now as the last complete run left it{kept}. "
        f"What was read since comes in again with the next run."
    )


def _is_sealed(path: Path) -> bool:
    """Whether the file is what the last run left."""
    return path.exists() and not _log(path).exists() and _seal(path) == sha256_of(path)


def _seal(path: Path) -> str:
    """The hash that the last run left; empty where there's none, or it's damaged."""
    seal = _beside(path, SEAL)
    return seal.read_bytes().decode(errors="replace") if seal.exists() else ""


def _damage(path: Path) -> str:
    """Why a file can't be read whole; empty if it can. What a cut-off run left in its log is taken in."""
    try:
        with duckdb.connect(str(path)) as connection:
            tables = connection.execute(
                "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = current_database()"
            ).fetchall()
            for schema, table in tables:
                connection.execute(f'SELECT bit_xor(hash(t)) FROM "{schema}"."{table}" AS t').fetchall()
    except duckdb.Error as error:
        return first_line(error)
    return ""


def _nights(path: Path) -> int:
    with duckdb.connect(str(path)) as connection:
        (nights,) = connection.execute("SELECT count(*) FROM history.night").fetchone() or (0,)
    return int(nights)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _log(path: Path) -> Path:
    return _beside(path, ".wal")
