"""Workbooks in a folder: `.xlsx` files, or folders of `.csv` files (one a worksheet).

A folder with a register is one institution; a folder of such folders is several.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import resource
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from types import MappingProxyType

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from spbe_etl.errors import ConfigurationError, SourceError
from spbe_etl.folders import sha256_of
from spbe_etl.sources import Fetched, RegisterSource
from spbe_etl.sources.xlsx import read_xlsx
from spbe_etl.workbooks import RawCell, Workbook, Worksheet, a1

REGISTER = "register"
MOST_CSV_BYTES = 100 * 1024 * 1024
SECONDS_A_WORKBOOK = 120
BYTES_A_WORKER = 4 * 1024**3
WORKERS = 2


@dataclass(frozen=True)
class FolderSource:
    """One institution's folder, or a folder of such folders."""

    folder: Path
    api_calls: int = 0
    notes: Sequence[str] = ()

    def registers(self) -> Sequence[RegisterSource]:
        """The institutions; a subfolder with workbooks but no register is one whose register can't be read."""
        if not self.folder.is_dir():
            raise ConfigurationError(f"Source folder {self.folder} does not exist. Give a folder with register.xlsx.")
        subfolders = [path for path in sorted(self.folder.iterdir()) if path.is_dir() and not path.name.startswith(".")]
        if _find(self.folder, REGISTER) is None and any(_holds_workbooks(path) for path in subfolders):
            return [InstitutionFolder(path, path.name) for path in subfolders if _holds_workbooks(path)]
        if not _holds_workbooks(self.folder):
            raise ConfigurationError(f"{self.folder} holds no workbook. Give a folder with register.xlsx.")
        return [InstitutionFolder(self.folder, ".")]


@dataclass(frozen=True)
class InstitutionFolder:
    """One register and the workbooks beside it."""

    folder: Path
    key: str

    def fetch_register(self) -> Fetched:
        """The register, from `register.xlsx` or the folder `register/`."""
        (fetched,) = self.fetch([REGISTER])
        return fetched

    def fetch(self, references: Sequence[str], known: Mapping[str, str] = MappingProxyType({})) -> Iterator[Fetched]:
        """The named workbooks, each read in a worker process with a time limit; a bad one fails alone.

        A file's version is the hash of its bytes: one that's still what was known isn't read.
        """
        found = [(reference, _find(self.folder, reference)) for reference in references]
        versions = {path: _version(path) for _, path in found if path}
        tasks = {
            path: _pool().schedule(_read_in_worker, args=[path], timeout=SECONDS_A_WORKBOOK)
            for reference, path in found
            if path and versions[path] != known.get(reference)
        }
        for reference, path in found:
            if path is None:
                reason = (
                    f"{reference}: berkas tidak ditemukan di folder sumber. Periksa kolom Spreadsheet di lembar OPD."
                )
                yield Fetched(reference, reference, reason=reason)
            elif path not in tasks:
                yield Fetched(reference, path.name, version=versions[path], is_unchanged=True)
            else:
                yield replace(_outcome(reference, path, tasks[path]), version=versions[path])


def _version(path: Path) -> str:
    """The hash of a file's name and bytes, or of a folder's files; empty where they can't be read."""
    digest = hashlib.sha256(path.name.encode())
    try:
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            digest.update(f"{file.name} {sha256_of(file)}".encode())
    except OSError:
        return ""
    return digest.hexdigest()


def _outcome(reference: str, path: Path, task: ProcessFuture[Workbook]) -> Fetched:
    try:
        return Fetched(reference, path.name, task.result())
    except SourceError as error:
        return Fetched(reference, path.name, reason=str(error))
    except TimeoutError:
        reason = f"{path.name}: belum selesai dibaca setelah {SECONDS_A_WORKBOOK} detik. Hapus lembar yang tidak perlu."
    except ProcessExpired:
        reason = f"{path.name}: pembacaan terhenti, berkas rusak atau terlalu besar. Simpan ulang sebagai .xlsx."
    return Fetched(reference, path.name, reason=reason)


@cache
def _pool() -> ProcessPool:
    """One pool for the process's life: starting workers costs more than reading a small folder."""
    return ProcessPool(max_workers=WORKERS, context=get_context("spawn"), initializer=_limit_memory)


def start_readers() -> None:
    """Start the worker processes, which takes them half a second, while something else is being done."""
    _pool().schedule(_find, args=[Path(), ""])


def _limit_memory() -> None:
    """A file that asks for more fails alone, and the machine stays well."""
    resource.setrlimit(resource.RLIMIT_AS, (BYTES_A_WORKER, BYTES_A_WORKER))


def _read_in_worker(path: Path) -> Workbook:
    """Read, or end the worker: what's left of one that ran out of memory must not read the next file."""
    try:
        return read_workbook(path)
    except MemoryError:
        os._exit(1)


def read_workbook(path: Path) -> Workbook:
    """A file, or a folder of CSV files, as a workbook; raises SourceError."""
    return _read_csv_folder(path) if path.is_dir() else read_xlsx(path)


def _find(folder: Path, reference: str) -> Path | None:
    """The workbook a register names: a file or a folder in `folder` itself, `.xlsx` may be left out."""
    name = reference.strip()
    if not name or name in (".", "..") or "/" in name or "\\" in name or "\0" in name:
        return None
    root = folder.resolve()
    for path in (folder / name, folder / f"{name}.xlsx"):
        try:
            inside = path.exists() and path.resolve().parent == root
        except OSError:
            continue
        if inside:
            return path
    return None


def _holds_workbooks(folder: Path) -> bool:
    return any(folder.glob("*.xlsx")) or any(folder.glob("*/*.csv"))


def _read_csv_folder(folder: Path) -> Workbook:
    root = folder.resolve()
    paths = [path for path in sorted(folder.iterdir()) if path.suffix.lower() == ".csv"]
    worksheets = tuple(_read_csv(path, folder.name) for path in paths if path.resolve().parent == root)
    if not worksheets:
        raise SourceError(f"{folder.name}: folder ini tidak berisi berkas .csv. Simpan tiap lembar sebagai .csv.")
    return Workbook(folder.name, worksheets)


def _read_csv(path: Path, workbook_name: str) -> Worksheet:
    where = f"{workbook_name}/{path.name}"
    if path.stat().st_size > MOST_CSV_BYTES:
        raise SourceError(f"{where}: melebihi {MOST_CSV_BYTES // 1024**2} MB. Hapus baris dan kolom yang tidak perlu.")
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True))
    except UnicodeDecodeError as error:
        raise SourceError(f"{where}: bukan teks UTF-8. Simpan ulang sebagai CSV UTF-8.") from error
    except csv.Error as error:
        raise SourceError(f"{where}: tanda kutip atau baris CSV tidak utuh. Simpan ulang sebagai CSV.") from error
    cells = (
        RawCell(row_no, col_no, "text", text, "", a1(row_no, col_no))
        for row_no, row in enumerate(rows, start=1)
        for col_no, text in enumerate(row, start=1)
        if text
    )
    return Worksheet(path.stem, tuple(cells))


def _delimiter(text: str) -> str:
    """Comma, or the semicolon of spreadsheets with a decimal comma: whichever stands in more lines, quotes aside."""
    lines = re.sub(r'"[^"]*"', "", text).splitlines()[:50]
    return ";" if sum(";" in line for line in lines) > sum("," in line for line in lines) else ","
