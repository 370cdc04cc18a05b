"""What's done with folders and files everywhere, said once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from spbe_etl.errors import ConfigurationError


def make_folder(folder: Path) -> None:
    """Make a folder to write into; raises ConfigurationError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{folder} can't be used as a folder: {error.strerror}") from error


@contextmanager
def hold(path: Path, seconds: float) -> Iterator[None]:
    """A lock file in a folder, which is made; raises Timeout when another holds it, else ConfigurationError."""
    make_folder(path.parent)
    lock = FileLock(path, timeout=seconds)
    try:
        lock.acquire()
    except TimeoutError:
        raise
    except OSError as error:
        raise ConfigurationError(not_ours(path, error)) from error
    try:
        yield
    finally:
        lock.release()


def not_ours(path: Path, error: OSError) -> str:
    """What to say where we may not write."""
    return (
        f"{path} can't be written: {error.strerror}. Run this as the user who owns {path.parent} and see that its disk "
        f"isn't read-only, or set SPBE_DATA_DIR to another folder."
    )


def sync(path: Path) -> None:
    """Have the disk hold what was written."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """A file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
